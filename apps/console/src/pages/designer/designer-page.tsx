import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { EmptyState } from '../../ui/empty-state.js';
import { PageHeader } from '../../ui/page-header.js';

export function DesignerPage(): ReactNode {
  return (
    <>
      <PageHeader title="Flow" />
      <EmptyState
        title="No steps yet"
        action={
          <Button component={Link} to="/flows">
            To the flows
          </Button>
        }
      >
        The first step is the trigger: what sets the flow off.
      </EmptyState>
    </>
  );
}
