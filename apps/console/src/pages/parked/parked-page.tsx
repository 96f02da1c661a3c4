import type { ReactNode } from 'react';
import { EmptyState } from '../../ui/empty-state.js';
import { PageHeader } from '../../ui/page-header.js';

export function ParkedPage(): ReactNode {
  return (
    <>
      <PageHeader title="Parked" description="Messages that could not be read or delivered." />
      <EmptyState title="Nothing is parked">
        Nothing is ever dropped: what cannot be handled waits here until someone releases or deletes it.
      </EmptyState>
    </>
  );
}
