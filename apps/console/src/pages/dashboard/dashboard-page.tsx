import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { EmptyState } from '../../ui/empty-state.js';
import { PageHeader } from '../../ui/page-header.js';
import { TutorialCard } from '../tutorial/tutorial-card.js';

export function DashboardPage(): ReactNode {
  return (
    <>
      <PageHeader title="Dashboard" description="What your flows do at the moment." />
      <TutorialCard />
      <EmptyState
        title="Nothing has run yet"
        action={
          <Button component={Link} to="/flows">
            To the flows
          </Button>
        }
      >
        Add a flow, start it and call its webhook URL: its runs appear here.
      </EmptyState>
    </>
  );
}
