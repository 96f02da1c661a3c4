import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { api, unwrap } from './client.js';

/** No word of `keys`: live changes of flows are many, and names change seldom. */
export const flowNamesKey = 'flow-names';
/** Flows beyond this many are called by their ids; nobody chooses from a longer list. */
const maxFlows = 2_000;
const pageSize = 100;
/** Flows that were missing when they were needed: each makes the list be read once more, and is taken for deleted then. */
const lookedFor = new Set<string>();

export interface NamedFlow {
  id: string;
  name: string;
}

/**
 * The names of the workspace's flows. Not told by live changes: every run would have the whole list read again. A flow
 * among those that are shown which is not known is looked for in a new list, once.
 */
export function useFlowNames(shown: readonly string[] = []): {
  flows: readonly NamedFlow[];
  nameOf: (flowId: string | null) => string;
} {
  const client = useQueryClient();
  const { data, isSuccess } = useQuery({
    queryKey: [flowNamesKey],
    queryFn: ({ signal }) => readNames(signal),
    staleTime: 30_000,
  });
  const names = data?.names;
  const unknown = names ? shown.filter((id) => !names.has(id)).join() : '';
  useEffect(() => {
    const fresh = unknown.split(',').filter((id) => id !== '' && !lookedFor.has(id));
    if (fresh.length === 0) return;
    for (const id of fresh) lookedFor.add(id);
    void client.invalidateQueries({ queryKey: [flowNamesKey] });
  }, [unknown, client]);
  return {
    flows: data?.flows ?? [],
    nameOf: (flowId) => {
      if (flowId === null) return 'Unknown flow';
      return names?.get(flowId) ?? (isSuccess ? `Deleted flow ${flowId.slice(-6)}` : '…');
    },
  };
}

async function readNames(signal: AbortSignal): Promise<{ flows: NamedFlow[]; names: Map<string, string> }> {
  const flows: NamedFlow[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: pageSize, ...(cursor !== undefined && { cursor }) };
    const page = await unwrap(api.GET('/v1/flows', { params: { query }, signal }));
    flows.push(...page.items.map(({ id, name }) => ({ id, name })));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && flows.length < maxFlows);
  return { flows, names: new Map(flows.map(({ id, name }) => [id, name])) };
}
