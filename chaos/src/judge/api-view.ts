import type { ApiClient } from '@millrace/dev';
import type { JudgedRun } from './judged-run.js';

interface Page {
  readonly items: readonly { readonly id: string; readonly status: string }[];
  readonly nextCursor: string | null;
}

/** Where the API tells another story than Postgres: every run of every flow, page by page. */
export async function apiFaults(
  api: ApiClient,
  flowIds: readonly string[],
  runs: readonly JudgedRun[],
): Promise<string[]> {
  const shown = new Map<string, string>();
  await Promise.all(
    flowIds.map(async (flowId) => {
      let cursor: string | null = null;
      do {
        const after: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
        const page: Page = await api.get<Page>(`/v1/runs?flowId=${flowId}&limit=100${after}`);
        for (const { id, status } of page.items) shown.set(id, status);
        cursor = page.nextCursor;
      } while (cursor !== null);
    }),
  );
  const faults = runs
    .filter(({ id, status }) => shown.get(id) !== status)
    .map(({ id, status }) => `the API shows run ${id} as ${shown.get(id) ?? 'unknown'}, Postgres has ${status}`);
  if (shown.size !== runs.length) faults.push(`the API shows ${shown.size} runs, Postgres has ${runs.length}`);
  const parked = await api.get<{ items: readonly object[] }>('/v1/parked');
  if (parked.items.length > 0) faults.push(`the API shows ${parked.items.length} parked messages`);
  return faults;
}
