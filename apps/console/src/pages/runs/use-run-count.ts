import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '../../api/client.js';
import { runQuery, type RunFilter } from './run-filter.js';

/** How many runs a filter lets through, in words: "1,234", or "more than 10,000". Asked for only when `wanted`. */
export function useRunCount(filter: RunFilter, wanted: boolean): string | undefined {
  const query = runQuery(filter);
  const { data } = useQuery({
    queryKey: ['run-count', query],
    queryFn: ({ signal }) => unwrap(api.GET('/v1/runs/count', { params: { query }, signal })),
    enabled: wanted,
    staleTime: 5_000,
  });
  if (!data) return undefined;
  const count = data.count.toLocaleString('en');
  return data.more ? `more than ${count}` : count;
}
