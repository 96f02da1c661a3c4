import type { ReactNode } from 'react';
import { LoadingRows } from './loading.js';
import { ProblemAlert } from './problem-alert.js';

export interface ListStateProps {
  query: { isPending: boolean; isError: boolean; error: unknown; data: unknown; refetch: () => unknown };
  /** What the list is of, for screen readers: "users". */
  what: string;
  /** Shown instead of the list when it has nothing. */
  empty?: ReactNode;
  isEmpty?: boolean;
  children: ReactNode;
}

/** A list in whichever state it is: on its way, failed, empty or there. What is there stays while a later look fails. */
export function ListState({ query, what, empty, isEmpty = false, children }: ListStateProps): ReactNode {
  if (query.isPending) return <LoadingRows label={`Loading the ${what}`} />;
  if (query.isError && query.data === undefined) return <ProblemAlert error={query.error} onRetry={query.refetch} />;
  return isEmpty ? empty : children;
}
