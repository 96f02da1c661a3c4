import { useInfiniteQuery, useQuery, useQueryClient, keepPreviousData, type InfiniteData } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { api, unwrap } from '../../api/client.js';
import { keys } from '../../api/keys.js';
import { runQuery, type RunFilter } from './run-filter.js';
import { lineOfFate, runLine, shownLines, type RunLine, type RunLinePage } from './run-lines.js';

const pageSize = 100;
/** So many open runs in sight are asked after besides the newest. */
const maxFollowed = 20;
/** A search looks at some thousand runs for each page; so many pages may be nearly empty before it waits to be asked. */
const patientPages = 30;

type Loaded = InfiniteData<RunLinePage, string | null>;

export interface RunList {
  lines: readonly RunLine[];
  /** Runs that came after those that are shown; at most a page of them is known. */
  freshCount: number;
  /** Puts them at the top. */
  showFresh: () => void;
  isPending: boolean;
  /** The lines are still those of the filter before. */
  isStale: boolean;
  error: Error | null;
  retry: () => void;
  hasMore: boolean;
  isLoadingMore: boolean;
  loadMore: () => void;
  /** Why the last try to load more has failed; it is not tried again by itself. */
  moreError: Error | null;
  /** More is loaded without being asked for; not for ever, where a search finds hardly anything. */
  goesOn: boolean;
}

function pagesKey(query: Record<string, string>): readonly unknown[] {
  return ['run-pages', query];
}

/**
 * The runs that a filter lets through, page by page. What was loaded stays as it is: live changes refresh only the newest
 * page and the open runs in sight, so that nothing jumps and no change has a long list loaded again.
 */
export function useRunList(filter: RunFilter, openInSight: readonly RunLine[]): RunList {
  const client = useQueryClient();
  const query = useMemo(() => runQuery(filter), [filter]);
  const headKey = [keys.runs, 'newest', query] as const;
  const pages = useInfiniteQuery({
    queryKey: pagesKey(query),
    queryFn: async ({ pageParam, signal }) => {
      const page = await readPage(query, pageParam, signal);
      // What the first page holds is not asked for twice.
      if (pageParam === null) client.setQueryData(headKey, page);
      return page;
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
    staleTime: Infinity,
    gcTime: 10 * 60_000,
    placeholderData: keepPreviousData,
  });
  const head = useQuery({
    queryKey: headKey,
    queryFn: ({ signal }) => readPage(query, null, signal),
    enabled: pages.isSuccess && !pages.isPlaceholderData,
    staleTime: 2_000,
  });
  const headIds = useMemo(() => new Set(head.data?.lines.map(({ id }) => id)), [head.data]);
  const followed = openInSight.filter(({ id }) => !headIds.has(id)).slice(0, maxFollowed);
  const fates = useQuery({
    queryKey: [keys.runs, 'fates', followed.map(({ id }) => id)],
    queryFn: ({ signal }) => readFates(followed, signal),
    enabled: followed.length > 0,
    placeholderData: keepPreviousData,
  });

  const { lines, fresh } = useMemo(() => {
    const news = [...(fates.data ?? []), ...(head.data?.lines ?? [])];
    return shownLines(pages.data?.pages ?? [], new Map(news.map((line) => [line.id, line])));
  }, [pages.data, head.data, fates.data]);

  const showFresh = useCallback(() => {
    const newest = head.data;
    if (!newest) return;
    client.setQueryData<Loaded>(pagesKey(query), (loaded) => {
      const shown = new Set(loaded?.pages.flatMap((page) => page.lines.map(({ id }) => id)));
      const meets = newest.nextCursor === null || newest.lines.some(({ id }) => shown.has(id));
      // Where runs between the two are not known, the list begins anew.
      if (!loaded || !meets) return { pages: [newest], pageParams: [null] };
      const added = newest.lines.filter(({ id }) => !shown.has(id));
      const [first, ...rest] = loaded.pages;
      if (!first) return { pages: [newest], pageParams: [null] };
      return { ...loaded, pages: [{ ...first, lines: [...added, ...first.lines] }, ...rest] };
    });
  }, [client, head.data, query]);

  const pageCount = pages.data?.pages.length ?? 0;
  return {
    lines,
    freshCount: pages.isPlaceholderData ? 0 : fresh.length,
    showFresh,
    isPending: pages.isPending,
    isStale: pages.isPlaceholderData,
    error: pages.data ? null : pages.error,
    retry: () => void pages.refetch(),
    hasMore: pages.hasNextPage && !pages.isPlaceholderData,
    isLoadingMore: pages.isFetchingNextPage,
    moreError: pages.isFetchNextPageError ? pages.error : null,
    loadMore: () => void pages.fetchNextPage({ cancelRefetch: false }),
    goesOn: !pages.isFetchNextPageError && pageCount < patientPages + lines.length / 50,
  };
}

async function readPage(
  filter: Record<string, string>,
  cursor: string | null,
  signal: AbortSignal,
): Promise<RunLinePage> {
  const query = { ...filter, limit: pageSize, payloads: 'none' as const, ...(cursor !== null && { cursor }) };
  const page = await unwrap(api.GET('/v1/runs', { params: { query }, signal }));
  return { lines: page.items.map(runLine), nextCursor: page.nextCursor, truncated: page.truncated };
}

async function readFates(lines: readonly RunLine[], signal: AbortSignal): Promise<RunLine[]> {
  const fates = await Promise.all(
    lines.map(({ id }) => unwrap(api.GET('/v1/requests/{requestId}', { params: { path: { requestId: id } }, signal }))),
  );
  return fates.flatMap((fate) => lineOfFate(fate) ?? []);
}
