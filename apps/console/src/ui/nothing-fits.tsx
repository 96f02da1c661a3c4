import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { EmptyState } from './empty-state.js';

export interface NothingFitsProps {
  /** What does not fit: "No credential fits". */
  title: string;
  icon: ReactNode;
  /** What else to look for. */
  children: ReactNode;
  /** On the button that takes the filter away. */
  showAll?: string;
  onShowAll: () => void;
}

/** Stands in a list whose filter lets nothing through. */
export function NothingFits({ title, icon, children, showAll = 'Show all', onShowAll }: NothingFitsProps): ReactNode {
  return (
    <EmptyState
      title={title}
      icon={icon}
      action={
        <Button variant="default" onClick={onShowAll}>
          {showAll}
        </Button>
      }
    >
      {children}
    </EmptyState>
  );
}
