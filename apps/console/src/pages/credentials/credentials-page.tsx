import type { ReactNode } from 'react';
import { EmptyState } from '../../ui/empty-state.js';
import { PageHeader } from '../../ui/page-header.js';

export function CredentialsPage(): ReactNode {
  return (
    <>
      <PageHeader
        title="Credentials"
        description="What steps sign in to other systems with. Secret fields are never shown again."
      />
      <EmptyState title="No credentials yet">
        A credential is made once and used by as many steps as you like.
      </EmptyState>
    </>
  );
}
