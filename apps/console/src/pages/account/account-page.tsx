import type { ReactNode } from 'react';
import { EmptyState } from '../../ui/empty-state.js';
import { PageHeader } from '../../ui/page-header.js';

export function AccountPage(): ReactNode {
  return (
    <>
      <PageHeader title="Your account" description="Your password for Millrace." />
      <EmptyState title="Nothing to change">Your account is kept by an administrator.</EmptyState>
    </>
  );
}
