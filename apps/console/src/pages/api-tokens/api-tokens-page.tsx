import type { ReactNode } from 'react';
import { EmptyState } from '../../ui/empty-state.js';
import { PageHeader } from '../../ui/page-header.js';

export function ApiTokensPage(): ReactNode {
  return (
    <>
      <PageHeader title="API tokens" description="What programs sign in to Millrace with." />
      <EmptyState title="No API tokens yet">A token lets a program do what its role may.</EmptyState>
    </>
  );
}
