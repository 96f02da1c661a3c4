import { AppShell, Burger, Group } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useEffect, useRef, type ReactNode } from 'react';
import { Link, Outlet, ScrollRestoration, useLocation, useNavigation } from 'react-router';
import { useLiveUpdates } from '../api/live.js';
import { AccountMenu } from './account-menu.js';
import classes from './frame.module.css';
import { Logo } from './logo.js';
import { Navigation } from './navigation-bar.js';

/** 900 px: below it the navigation hides behind a burger. */
const breakpoint = '56.25em';

/** What is around every page behind the sign-in: header, navigation and the page in `main`. */
export function Frame(): ReactNode {
  const [opened, { toggle, close }] = useDisclosure(false);
  const { pathname } = useLocation();
  const busy = useNavigation().state === 'loading';
  const main = useRef<HTMLElement>(null);
  const shown = useRef(pathname);
  useLiveUpdates();

  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    close();
    // A new page is read from its beginning, and not from the link that led to it.
    main.current?.focus({ preventScroll: true });
  }, [pathname, close]);

  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 220, breakpoint, collapsed: { mobile: !opened } }}
      padding={{ base: 'md', sm: 'lg' }}
    >
      <a className={classes['skip']} href="#main">
        Skip to the page
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger
              className={classes['burger'] ?? ''}
              opened={opened}
              onClick={toggle}
              size="sm"
              aria-label={opened ? 'Close the navigation' : 'Open the navigation'}
              aria-expanded={opened}
              aria-controls="navigation"
            />
            <Link to="/" className={classes['home']} aria-label="Millrace, to the dashboard">
              <Logo />
              <span>Millrace</span>
            </Link>
          </Group>
          <AccountMenu />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar
        id="navigation"
        aria-label="Main"
        p="sm"
        className={classes['navigation'] ?? ''}
        data-opened={opened}
        style={{ overflowY: 'auto' }}
      >
        <Navigation />
      </AppShell.Navbar>
      <AppShell.Main id="main" ref={main} tabIndex={-1} aria-busy={busy} className={classes['main'] ?? ''}>
        <div className={classes['page']}>
          <Outlet />
        </div>
      </AppShell.Main>
      <ScrollRestoration />
    </AppShell>
  );
}
