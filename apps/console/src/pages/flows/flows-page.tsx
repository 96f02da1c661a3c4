import type { ReactNode } from 'react';
import { EmptyState } from '../../ui/empty-state.js';
import { PageHeader } from '../../ui/page-header.js';

export function FlowsPage(): ReactNode {
  return (
    <>
      <PageHeader
        title="Flows"
        description="Each flow begins with a webhook or a schedule and runs its steps one after the other."
      />
      <EmptyState title="No flows yet">
        A flow takes what comes in and hands it on to other systems, step by step.
      </EmptyState>
    </>
  );
}
