import { Button, Center } from '@mantine/core';
import { useEffect, useRef, type ReactNode } from 'react';
import { ProblemAlert } from './problem-alert.js';

export interface MoreRowsProps {
  /** What an infinite query says of itself. */
  query: {
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    isFetchNextPageError: boolean;
    error: unknown;
    fetchNextPage: () => unknown;
  };
}

/** The end of a list that goes on: loads the next page when it comes into sight, and has a button for the keyboard. */
export function MoreRows({ query }: MoreRowsProps): ReactNode {
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, error, fetchNextPage } = query;
  const end = useRef<HTMLDivElement>(null);
  const load = useRef(fetchNextPage);
  useEffect(() => {
    load.current = fetchNextPage;
  });
  const waits = hasNextPage && !isFetchingNextPage && !isFetchNextPageError;
  useEffect(() => {
    if (!waits || !end.current) return undefined;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && load.current(), {
      rootMargin: '400px',
    });
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [waits]);
  if (!hasNextPage) return null;
  return (
    <Center ref={end} p="md">
      {isFetchNextPageError ? (
        <ProblemAlert error={error} onRetry={fetchNextPage} />
      ) : (
        <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Show more
        </Button>
      )}
    </Center>
  );
}
