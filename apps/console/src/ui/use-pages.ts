import { useInfiniteQuery, type InfiniteData, type UseInfiniteQueryResult } from '@tanstack/react-query';
import { useMemo } from 'react';

export interface ListPage<Item> {
  items: Item[];
  nextCursor: string | null;
}

/** The list of a key, page by page: `items` are those of all pages that have been loaded. */
export function usePages<Item>(
  queryKey: readonly unknown[],
  load: (page: { cursor?: string }, signal: AbortSignal) => Promise<ListPage<Item>>,
): { items: Item[]; query: UseInfiniteQueryResult<InfiniteData<ListPage<Item>>> } {
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => load(pageParam === null ? {} : { cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
  });
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  return { items, query };
}
