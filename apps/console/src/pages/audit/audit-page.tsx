import type { ReactNode } from 'react';
import { EmptyState } from '../../ui/empty-state.js';
import { PageHeader } from '../../ui/page-header.js';

export function AuditPage(): ReactNode {
  return (
    <>
      <PageHeader title="Audit" description="Who has changed what, and when." />
      <EmptyState title="Nothing was changed yet">Every change is listed here.</EmptyState>
    </>
  );
}
