import { Avatar, Menu, Text, UnstyledButton } from '@mantine/core';
import { IconBook, IconHelp, IconLogout, IconPassword, IconSchool } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { useCurrentSession, useSignOut } from '../api/session.js';
import { notifyProblem } from '../ui/notify-problem.js';
import { ColourSchemeItems } from './colour-scheme-items.js';

/** Who is signed in, and what concerns only them. */
export function AccountMenu(): ReactNode {
  const { user, workspace } = useCurrentSession();
  const signOut = useSignOut();
  return (
    <Menu position="bottom-end" width={260} shadow="md" withinPortal>
      <Menu.Target>
        <UnstyledButton aria-label={`Account of ${user.name}`} style={{ borderRadius: '50%' }}>
          <Avatar name={user.name} color="cyan" variant="filled" radius="xl" alt="" />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text component="div" size="sm" fw={600} c="var(--mantine-color-text)" truncate>
            {user.name}
          </Text>
          <Text component="div" size="xs" truncate>
            {user.email}
          </Text>
          <Text component="div" size="xs" truncate>
            {user.role} of {workspace.name}
          </Text>
        </Menu.Label>
        <Menu.Divider />
        <ColourSchemeItems />
        <Menu.Divider />
        <Menu.Item component={Link} to="/tutorial" leftSection={<IconSchool size={16} aria-hidden="true" />}>
          Tutorial
        </Menu.Item>
        <Menu.Item component={Link} to="/help" leftSection={<IconHelp size={16} aria-hidden="true" />}>
          Help
        </Menu.Item>
        <Menu.Item component="a" href="/v1/docs" leftSection={<IconBook size={16} aria-hidden="true" />}>
          API documentation
        </Menu.Item>
        <Menu.Item component={Link} to="/account" leftSection={<IconPassword size={16} aria-hidden="true" />}>
          Change password
        </Menu.Item>
        <Menu.Item
          leftSection={<IconLogout size={16} aria-hidden="true" />}
          onClick={() => signOut.mutate(undefined, { onError: notifyProblem })}
        >
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
