import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { EmptyState } from '../../ui/empty-state.js';
import { PageHeader } from '../../ui/page-header.js';

export function RunsPage(): ReactNode {
  return (
    <>
      <PageHeader title="Runs" description="Every call of a webhook URL becomes a run." />
      <EmptyState
        title="No runs yet"
        action={
          <Button component={Link} to="/flows">
            To the flows
          </Button>
        }
      >
        Start a flow and call its webhook URL.
      </EmptyState>
    </>
  );
}
