import type { ReactNode } from 'react';
import { EmptyState } from '../../ui/empty-state.js';
import { PageHeader } from '../../ui/page-header.js';

export function ComponentsPage(): ReactNode {
  return (
    <>
      <PageHeader title="Components" description="What flows can be built of." />
      <EmptyState title="No components">Components appear here by themselves as soon as they run.</EmptyState>
    </>
  );
}
