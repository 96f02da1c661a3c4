import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { EmptyState } from '../ui/empty-state.js';
import { PageHeader } from '../ui/page-header.js';

/** What an address shows that is none of the console's. */
export function NotFoundPage(): ReactNode {
  return (
    <>
      <PageHeader title="There is no such page" />
      <EmptyState
        title="The address leads nowhere"
        action={
          <Button component={Link} to="/">
            To the dashboard
          </Button>
        }
      >
        It may be mistyped, or the page has moved.
      </EmptyState>
    </>
  );
}
