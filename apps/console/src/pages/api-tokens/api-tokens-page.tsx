import { Button, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconApi, IconPlus } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { api, unwrap } from '../../api/client.js';
import { keys } from '../../api/keys.js';
import type { ApiToken } from '../../api/schema.generated.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ListState } from '../../ui/list-state.js';
import { MoreRows } from '../../ui/more-rows.js';
import { PageHeader } from '../../ui/page-header.js';
import { usePages } from '../../ui/use-pages.js';
import { NewTabLink } from '../../ui/new-tab-link.js';
import { CreateTokenDialog } from './create-token-dialog.js';
import { TokenTable } from './token-table.js';

export function ApiTokensPage(): ReactNode {
  const { items, query } = usePages<ApiToken>([keys.apiTokens, 'list'], (page, signal) =>
    unwrap(api.GET('/v1/api-tokens', { params: { query: page }, signal })),
  );
  const [creating, dialog] = useDisclosure(false);
  const create = (
    <Button leftSection={<IconPlus size={16} aria-hidden="true" />} onClick={dialog.open}>
      Create API token
    </Button>
  );
  const empty = items.length === 0;
  return (
    <>
      <PageHeader
        title="API tokens"
        description={
          <>
            What programs sign in to Millrace with. A token acts for who made it, and never may more.{' '}
            <NewTabLink href="/v1/docs">API documentation</NewTabLink>
          </>
        }
        actions={empty ? undefined : create}
      />
      <ListState
        query={query}
        what="API tokens"
        isEmpty={empty}
        empty={
          <EmptyState title="No API tokens yet" icon={<IconApi size={28} />} action={create}>
            A token lets a program do what its role may: start flows from a deployment, read runs into your own
            monitoring, create credentials by a script.
          </EmptyState>
        }
      >
        <Stack>
          <TokenTable tokens={items} />
          <MoreRows query={query} />
        </Stack>
      </ListState>
      {creating && <CreateTokenDialog onClose={dialog.close} />}
    </>
  );
}
