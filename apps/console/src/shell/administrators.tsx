import type { ReactNode } from 'react';
import { Outlet } from 'react-router';
import { useIsAdministrator } from '../api/session.js';
import { EmptyState } from '../ui/empty-state.js';
import { PageHeader } from '../ui/page-header.js';

/** Lets only administrators see the pages in it. The control plane refuses others in any case. */
export function Administrators(): ReactNode {
  if (useIsAdministrator()) return <Outlet />;
  return (
    <>
      <PageHeader title="For administrators" />
      <EmptyState title="This page is for administrators">
        Ask an administrator of your workspace when you need something of it.
      </EmptyState>
    </>
  );
}
