import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from './client.js';

/** Flows beyond this many are called by their ids; nobody chooses from a longer list. */
const maxFlows = 2_000;
const pageSize = 100;

export interface NamedFlow {
  id: string;
  name: string;
}

/**
 * The names of the workspace's flows. Not told by live changes: every run would have the whole list read again.
 * A flow that is not known is looked for in a new list, once.
 */
export function useFlowNames(): { flows: readonly NamedFlow[]; nameOf: (flowId: string | null) => string } {
  const { data, isSuccess } = useQuery({
    queryKey: ['flow-names'],
    queryFn: ({ signal }) => readNames(signal),
    staleTime: 30_000,
  });
  const names = data?.names;
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
