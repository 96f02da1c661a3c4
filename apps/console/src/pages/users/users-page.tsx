import { Button, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconUserPlus, IconUsers } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { api, unwrap } from '../../api/client.js';
import { keys } from '../../api/keys.js';
import type { User } from '../../api/schema.generated.js';
import { EmptyState } from '../../ui/empty-state.js';
import { ListState } from '../../ui/list-state.js';
import { MoreRows } from '../../ui/more-rows.js';
import { PageHeader } from '../../ui/page-header.js';
import { usePages } from '../../ui/use-pages.js';
import { InviteDialog } from './invite-dialog.js';
import { UserTable } from './user-table.js';

export function UsersPage(): ReactNode {
  const { items, query } = usePages<User>([keys.users, 'list'], (page, signal) =>
    unwrap(api.GET('/v1/users', { params: { query: page }, signal })),
  );
  const [inviting, dialog] = useDisclosure(false);
  const invite = (
    <Button leftSection={<IconUserPlus size={16} aria-hidden="true" />} onClick={dialog.open}>
      Invite user
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Users"
        description="Who may sign in to this workspace. Members build flows, administrators keep the workspace, too."
        actions={invite}
      />
      <ListState
        query={query}
        what="users"
        isEmpty={items.length === 0}
        empty={
          <EmptyState title="No users" icon={<IconUsers size={28} />} action={invite}>
            Invite the people who build flows with you.
          </EmptyState>
        }
      >
        <Stack>
          <UserTable users={items} />
          <MoreRows query={query} />
        </Stack>
      </ListState>
      {inviting && <InviteDialog onClose={dialog.close} />}
    </>
  );
}
