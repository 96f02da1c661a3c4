import { NavLink, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'react-router';
import { useIsAdministrator } from '../api/session.js';
import { administratorItems, memberItems, type NavigationItem } from './navigation.js';

/** The links to all pages that the user may open. */
export function Navigation(): ReactNode {
  const administrator = useIsAdministrator();
  return (
    <Stack gap="md">
      <Links items={memberItems} />
      {administrator && (
        <div>
          <Text size="xs" fw={600} c="dimmed" px="sm" pb={4} id="administration">
            Administration
          </Text>
          <Links items={administratorItems} labelledBy="administration" />
        </div>
      )}
    </Stack>
  );
}

function Links({ items, labelledBy }: { items: readonly NavigationItem[]; labelledBy?: string }): ReactNode {
  const { pathname } = useLocation();
  return (
    <Stack component="ul" gap={2} m={0} p={0} style={{ listStyle: 'none' }} aria-labelledby={labelledBy}>
      {items.map(({ label, to, icon: Sign }) => {
        const active = to === '/' ? pathname === '/' : pathname === to || pathname.startsWith(`${to}/`);
        return (
          <li key={to}>
            <NavLink
              component={Link}
              to={to}
              label={label}
              active={active}
              aria-current={active ? 'page' : undefined}
              leftSection={<Sign size={18} stroke={1.75} aria-hidden="true" />}
              style={{ borderRadius: 'var(--mantine-radius-md)' }}
            />
          </li>
        );
      })}
    </Stack>
  );
}
