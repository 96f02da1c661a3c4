import { Skeleton, Stack, VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';

/** Stands for rows that are on their way. */
export function LoadingRows({ count = 6, label = 'Loading' }: { count?: number; label?: string }): ReactNode {
  return (
    <Stack gap="xs" aria-busy="true">
      <VisuallyHidden role="status">{label}</VisuallyHidden>
      {Array.from({ length: count }, (_, index) => (
        <Skeleton key={index} height={44} radius="sm" />
      ))}
    </Stack>
  );
}

/** Stands for a whole page that is on its way. */
export function LoadingPage(): ReactNode {
  return (
    <Stack gap="lg" aria-busy="true">
      <VisuallyHidden role="status">Loading the page</VisuallyHidden>
      <Skeleton height={32} width="min(260px, 60%)" radius="sm" />
      <LoadingRows />
    </Stack>
  );
}
