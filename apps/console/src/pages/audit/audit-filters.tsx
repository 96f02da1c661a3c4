import { Button, Group, NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api, unwrap } from '../../api/client.js';
import { keys } from '../../api/keys.js';
import type { AddressFilter } from '../../ui/use-address-filter.js';
import { actGroups } from './audit-words.js';

export type AuditFilterName = 'actor' | 'action' | 'entity' | 'from' | 'to';

/** Who, what and when; what was acted on comes by a link from elsewhere. */
export function AuditFilters({ filter }: { filter: AddressFilter<AuditFilterName> }): ReactNode {
  const users = useQuery({
    queryKey: [keys.users, 'first'],
    queryFn: ({ signal }) => unwrap(api.GET('/v1/users', { params: { query: { limit: 100 } }, signal })),
  });
  const { values, change } = filter;
  const known = (users.data?.items ?? []).map(({ id, email }) => ({ value: id, label: email }));
  // One who was deleted, or who is on a later page of the users.
  const others = values.actor !== '' && !known.some(({ value }) => value === values.actor);
  return (
    <Group component="search" mb="md" gap="sm" align="flex-end">
      <NativeSelect
        label="Who"
        data={[
          { value: '', label: 'Everyone' },
          ...known,
          ...(others ? [{ value: values.actor, label: 'A user who is not listed' }] : []),
        ]}
        value={values.actor}
        onChange={(event) => change({ actor: event.currentTarget.value })}
        maw={260}
      />
      <NativeSelect
        label="What"
        data={[{ value: '', label: 'Everything' }, ...actGroups]}
        value={values.action}
        onChange={(event) => change({ action: event.currentTarget.value })}
        maw={280}
      />
      <TextInput
        label="From"
        type="date"
        value={values.from}
        max={values.to || undefined}
        onChange={(event) => change({ from: event.currentTarget.value })}
      />
      <TextInput
        label="To, with that day"
        type="date"
        value={values.to}
        min={values.from || undefined}
        onChange={(event) => change({ to: event.currentTarget.value })}
      />
      {filter.active && (
        <Button variant="default" onClick={filter.clear}>
          Show all
        </Button>
      )}
    </Group>
  );
}
