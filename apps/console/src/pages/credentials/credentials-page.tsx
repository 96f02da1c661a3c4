import { Button, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconKey, IconPlus } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useCatalogue } from '../../api/catalogue.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ListState } from '../../ui/list-state.js';
import { MoreRows } from '../../ui/more-rows.js';
import { NothingFits } from '../../ui/nothing-fits.js';
import { PageHeader } from '../../ui/page-header.js';
import { useAddressFilter } from '../../ui/use-address-filter.js';
import { CredentialFilters } from './credential-filters.js';
import { CredentialTable } from './credential-table.js';
import { NewCredential } from './new-credential.js';
import { credentialFilterNames, useCredentials } from './use-credentials.js';

export function CredentialsPage(): ReactNode {
  const filter = useAddressFilter(credentialFilterNames);
  const { items, query } = useCredentials(filter.values);
  const catalogue = useCatalogue();
  const [creating, dialog] = useDisclosure(false);
  const components = catalogue.data ?? [];
  const create = (
    <Button leftSection={<IconPlus size={16} aria-hidden="true" />} onClick={dialog.open}>
      Create new credential
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Credentials"
        description="What steps sign in to other systems with. Secret fields are never shown again."
        actions={create}
      />
      <CredentialFilters filter={filter} components={components} />
      <ListState
        query={query}
        what="credentials"
        isEmpty={items.length === 0}
        empty={
          filter.active ? (
            <NothingFits title="No credential fits" icon={<IconKey size={28} />} onShowAll={filter.clear}>
              Look for another name, component or state.
            </NothingFits>
          ) : (
            <EmptyState title="No credentials yet" icon={<IconKey size={28} />} action={create}>
              A credential is made once and used by as many steps as you like. It is checked with the real system before
              it is saved.
            </EmptyState>
          )
        }
      >
        <Stack>
          <CredentialTable credentials={items} components={components} />
          <MoreRows query={query} />
        </Stack>
      </ListState>
      {creating && (
        <NewCredential catalogue={catalogue} firstComponent={filter.values.component} onClose={dialog.close} />
      )}
    </>
  );
}
