import type { ReactNode } from 'react';
import { EmptyState } from '../../ui/empty-state.js';
import { PageHeader } from '../../ui/page-header.js';

export function UsersPage(): ReactNode {
  return (
    <>
      <PageHeader title="Users" description="Who may sign in to this workspace." />
      <EmptyState title="No users">Add the people who build flows with you.</EmptyState>
    </>
  );
}
