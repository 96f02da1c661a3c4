import { SimpleGrid, TextInput, VisuallyHidden } from '@mantine/core';
import { IconPuzzle, IconSearch } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useCatalogue } from '../../api/catalogue.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ListState } from '../../ui/list-state.js';
import { NothingFits } from '../../ui/nothing-fits.js';
import { PageHeader } from '../../ui/page-header.js';
import { useAddressFilter } from '../../ui/use-address-filter.js';
import { ComponentCard } from './component-card.js';
import { findComponents } from './find-components.js';

const names = ['search'] as const;

export function ComponentsPage(): ReactNode {
  const query = useCatalogue();
  const filter = useAddressFilter(names);
  const { search } = filter.values;
  const all = query.data ?? [];
  const found = findComponents(all, search);
  return (
    <>
      <PageHeader
        title="Components"
        description="What flows can be built of. Open one for its triggers, actions and fields."
      />
      <search>
        <TextInput
          aria-label="Find a component"
          placeholder="Find a component"
          leftSection={<IconSearch size={16} aria-hidden="true" />}
          value={search}
          onChange={(event) => filter.change({ search: event.currentTarget.value })}
          maw={420}
          mb="lg"
        />
      </search>
      <VisuallyHidden role="status">
        {query.isSuccess && search !== '' && `${found.length} of ${all.length} components fit`}
      </VisuallyHidden>
      <ListState
        query={query}
        what="components"
        isEmpty={found.length === 0}
        empty={
          all.length === 0 ? (
            <EmptyState title="No components" icon={<IconPuzzle size={28} />}>
              Components appear here by themselves as soon as they run.
            </EmptyState>
          ) : (
            <NothingFits title="No component fits" icon={<IconPuzzle size={28} />} onShowAll={filter.clear}>
              Look for another word: names, triggers and actions are searched.
            </NothingFits>
          )
        }
      >
        <SimpleGrid component="ul" p={0} m={0} style={{ listStyle: 'none' }} cols={{ base: 1, sm: 2, xl: 3 }}>
          {found.map((component) => (
            <li key={component.name}>
              <ComponentCard component={component} />
            </li>
          ))}
        </SimpleGrid>
      </ListState>
    </>
  );
}
