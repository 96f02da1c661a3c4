import { useQueries, useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { api, unwrap } from '../../api/client.js';
import { keys } from '../../api/keys.js';
import type { FlowDraft, Run } from '../../api/schema.generated.js';
import { isOpen } from '../runs/run-lines.js';
import { runDefinition, versionsOf, type Definition } from './run-definition.js';

/** An open run is read whole at most this often. */
const openEveryMs = 1_000;

export function runKey(runId: string): readonly string[] {
  return ['run', runId];
}

/**
 * One run, whole, current while the page is open. Live changes ask only for its fate, which is small; the whole is read
 * again when that has changed, and while the run is open.
 */
export function useRun(runId: string): UseQueryResult<Run> {
  const client = useQueryClient();
  const whole = useQuery({
    queryKey: runKey(runId),
    queryFn: ({ signal }) => unwrap(api.GET('/v1/runs/{runId}', { params: { path: { runId } }, signal })),
    staleTime: 1_000,
    refetchInterval: ({ state }) => (state.data && isOpen(state.data.status) ? openEveryMs : false),
  });
  const fate = useQuery({
    queryKey: [keys.runs, 'fate', runId],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/v1/requests/{requestId}', { params: { path: { requestId: runId } }, signal })),
    enabled: whole.isSuccess,
  });
  const shown = whole.data;
  const known = fate.data;
  const differs =
    shown !== undefined &&
    known !== undefined &&
    fate.dataUpdatedAt > whole.dataUpdatedAt &&
    (known.status !== shown.status || known.finishedAt !== shown.finishedAt);
  useEffect(() => {
    if (differs) void client.invalidateQueries({ queryKey: runKey(runId) });
  }, [differs, client, runId]);
  return whole;
}

/** What a run went through, for names and order of its steps; undefined where no version can be had any more. */
export function useDefinition(run: Run): Definition | undefined {
  const { flowId, steps } = run;
  const definitions = useQueries({
    queries: versionsOf(run).map((number) => ({
      queryKey: ['flow-version', flowId, number],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        unwrap(
          api.GET('/v1/flows/{flowId}/versions/{number}', {
            params: { path: { flowId, number: String(number) } },
            signal,
          }),
        ),
      // Versions never change.
      staleTime: Infinity,
      retry: false,
    })),
    combine: definitionsOf,
  });
  return useMemo(() => runDefinition(definitions, new Set(steps.map(({ stepId }) => stepId))), [definitions, steps]);
}

function definitionsOf(versions: readonly { data: { definition: FlowDraft } | undefined }[]): FlowDraft[] {
  return versions.flatMap(({ data }) => (data ? [data.definition] : []));
}
