import type { ReactNode } from 'react';
import { EmptyState } from '../../ui/empty-state.js';
import { PageHeader } from '../../ui/page-header.js';

export function IncidentsPage(): ReactNode {
  return (
    <>
      <PageHeader title="Incidents" description="Failures of the same kind, together." />
      <EmptyState title="No incidents">When steps fail, they are grouped here by what went wrong.</EmptyState>
    </>
  );
}
