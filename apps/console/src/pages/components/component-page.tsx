import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { EmptyState } from '../../ui/empty-state.js';
import { PageHeader } from '../../ui/page-header.js';

export function ComponentPage(): ReactNode {
  return (
    <>
      <PageHeader title="Component" />
      <EmptyState
        title="No such component"
        action={
          <Button component={Link} to="/components">
            To the components
          </Button>
        }
      >
        It is not known to this Millrace.
      </EmptyState>
    </>
  );
}
