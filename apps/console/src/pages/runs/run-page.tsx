import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { EmptyState } from '../../ui/empty-state.js';
import { PageHeader } from '../../ui/page-header.js';

export function RunPage(): ReactNode {
  return (
    <>
      <PageHeader title="Run" />
      <EmptyState
        title="No such run"
        action={
          <Button component={Link} to="/runs">
            To the runs
          </Button>
        }
      >
        It may have been removed because it was old.
      </EmptyState>
    </>
  );
}
