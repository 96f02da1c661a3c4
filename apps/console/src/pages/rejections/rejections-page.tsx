import type { ReactNode } from 'react';
import { EmptyState } from '../../ui/empty-state.js';
import { PageHeader } from '../../ui/page-header.js';

export function RejectionsPage(): ReactNode {
  return (
    <>
      <PageHeader title="Rejections" description="Requests that a webhook URL did not take, and why." />
      <EmptyState title="Nothing was rejected">
        Every request that is refused is listed here with the reason.
      </EmptyState>
    </>
  );
}
