import { Badge, Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useCurrentSession } from '../../api/session.js';
import type { User } from '../../api/schema.generated.js';
import { CardTable } from '../../ui/card-table.js';
import { NameText } from '../../ui/name-text.js';
import { StatusBadge } from '../../ui/status-badge.js';
import { When } from '../../ui/when.js';
import { UserMenu } from './user-menu.js';
import { isLastAdministrator, userState } from './user-words.js';

/** The users with role, state and last sign-in. */
export function UserTable({ users }: { users: readonly User[] }): ReactNode {
  const { user: me } = useCurrentSession();
  return (
    <CardTable
      label="Users"
      rows={users}
      rowKey={({ id }) => id}
      columns={[
        {
          label: 'Name',
          width: '34%',
          render: (user) => (
            <>
              <Group gap="xs" wrap="nowrap">
                <Text fw={600} component="div">
                  <NameText>{user.name}</NameText>
                </Text>
                {user.id === me.id && (
                  <Badge variant="default" size="sm" flex="none">
                    you
                  </Badge>
                )}
              </Group>
              <Text size="sm" c="dimmed" component="div">
                <NameText>{user.email}</NameText>
              </Text>
            </>
          ),
        },
        { label: 'Role', render: ({ role }) => role },
        {
          label: 'State',
          render: (user) => {
            const { label, tone } = userState(user);
            return <StatusBadge status={label} tone={tone} />;
          },
        },
        {
          label: 'Last sign-in',
          render: ({ lastSignInAt }) => (lastSignInAt === null ? 'never' : <When time={lastSignInAt} />),
        },
        { label: 'Added', render: ({ createdAt }) => <When time={createdAt} /> },
        {
          label: 'Actions',
          bare: true,
          render: (user) => (
            <UserMenu user={user} isMe={user.id === me.id} lastAdministrator={isLastAdministrator(user, users)} />
          ),
        },
      ]}
    />
  );
}
