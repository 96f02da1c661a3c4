import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { EmptyState } from '../../ui/empty-state.js';
import { PageHeader } from '../../ui/page-header.js';

export function TutorialPage(): ReactNode {
  return (
    <>
      <PageHeader title="Tutorial" description="Your first flow, from a webhook to the Petstore." />
      <EmptyState
        title="Begin with a flow"
        action={
          <Button component={Link} to="/flows">
            To the flows
          </Button>
        }
      >
        Five minutes from a webhook to a pet in the store.
      </EmptyState>
    </>
  );
}
