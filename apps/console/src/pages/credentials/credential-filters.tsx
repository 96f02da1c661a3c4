import { Button, Group, NativeSelect, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Component } from '../../api/schema.generated.js';
import type { AddressFilter } from '../../ui/use-address-filter.js';
import { useTypedText } from '../shared/use-typed-text.js';
import type { CredentialFilterName } from './use-credentials.js';

export interface CredentialFiltersProps {
  filter: AddressFilter<CredentialFilterName>;
  components: readonly Component[];
}

/** Name, component and state; what is chosen stands in the address. */
export function CredentialFilters({ filter, components }: CredentialFiltersProps): ReactNode {
  const { values, change } = filter;
  const [search, setSearch] = useTypedText(values.search, (typed) => change({ search: typed.trim() }));
  const taking = components.filter(({ credentials }) => credentials !== null);
  const listed = values.component === '' || taking.some(({ name }) => name === values.component);
  return (
    <Group component="search" mb="md" gap="sm" align="flex-end">
      <TextInput
        label="Name"
        placeholder="Find a credential"
        leftSection={<IconSearch size={16} aria-hidden="true" />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      <NativeSelect
        label="Component"
        data={[
          { value: '', label: 'All' },
          ...taking.map(({ name, title }) => ({ value: name, label: title })),
          ...(listed ? [] : [{ value: values.component, label: values.component }]),
        ]}
        value={values.component}
        onChange={(event) => change({ component: event.currentTarget.value })}
        maw={240}
      />
      <NativeSelect
        label="State"
        data={[
          { value: '', label: 'All' },
          { value: 'verified', label: 'Verified' },
          { value: 'unverified', label: 'Unverified' },
          { value: 'failing', label: 'Failing' },
        ]}
        value={values.status}
        onChange={(event) => change({ status: event.currentTarget.value })}
      />
      {filter.active && (
        <Button variant="default" onClick={filter.clear}>
          Show all
        </Button>
      )}
    </Group>
  );
}
