import { useInfiniteQuery, useMutation, useQueryClient, keepPreviousData } from '@tanstack/react-query';
import { api, unwrap } from '../../api/client.js';
import { flowNamesKey } from '../../api/flow-names.js';
import { keys } from '../../api/keys.js';
import type { FlowStatus, ListedFlow } from '../../api/schema.generated.js';
import { notifyProblem } from '../../ui/notify-problem.js';
import { offerUndo } from '../../ui/offer-undo.js';
import { shortName } from '../../ui/short-name.js';
import { freeName } from '../shared/free-name.js';

export type Flow = ListedFlow;

export interface FlowFilter {
  /** An empty text for all. */
  q: string;
  statuses: readonly FlowStatus[];
}

export const flowStatuses: readonly FlowStatus[] = ['running', 'paused', 'stopped', 'draft'];

const pageSize = 50;

/** The flows that a filter lets through, by name. */
export function useFlows({ q, statuses }: FlowFilter) {
  const filter = { ...(q !== '' && { q }), ...(statuses.length > 0 && { status: statuses.join(',') }) };
  return useInfiniteQuery({
    queryKey: [keys.flowFigures, filter],
    queryFn: ({ pageParam, signal }) => {
      const query = { ...filter, limit: pageSize, ...(pageParam !== null && { cursor: pageParam }) };
      return unwrap(api.GET('/v1/flows', { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
    placeholderData: keepPreviousData,
  });
}

const newFlow = 'New flow';

/** Creates a flow to be drawn, with a name of its own. */
export function useAddFlow() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      const query = { q: newFlow, limit: 100 };
      const { items } = await unwrap(api.GET('/v1/flows', { params: { query } }));
      const taken = items.map(({ name }) => name);
      return unwrap(api.POST('/v1/flows', { body: { name: freeName(newFlow, taken) } }));
    },
    onSettled: () => refresh(client),
  });
}

/** What can be done with a flow from the list. Failures are said in a notification. */
export function useFlowActs({ id, name }: Pick<Flow, 'id' | 'name'>) {
  const client = useQueryClient();
  const params = { path: { flowId: id } };
  const onSettled = () => refresh(client);
  const common = { onError: notifyProblem, onSettled };
  const start = useMutation({ mutationFn: () => unwrap(api.POST('/v1/flows/{flowId}/start', { params })), ...common });
  const pause = useMutation({ mutationFn: () => unwrap(api.POST('/v1/flows/{flowId}/pause', { params })), ...common });
  const resume = useMutation({
    mutationFn: () => unwrap(api.POST('/v1/flows/{flowId}/resume', { params, body: {} })),
    ...common,
  });
  const stop = useMutation({
    mutationFn: () => unwrap(api.POST('/v1/flows/{flowId}/stop', { params, body: { queued: 'keep' } })),
    ...common,
  });
  const copy = useMutation({
    mutationFn: () => unwrap(api.POST('/v1/flows/{flowId}/copy', { params, body: {} })),
    ...common,
  });
  const undelete = async (): Promise<void> => {
    try {
      await unwrap(api.POST('/v1/flows/{flowId}/undelete', { params }));
    } catch (error) {
      notifyProblem(error);
    }
    onSettled();
  };
  const remove = useMutation({
    mutationFn: () => unwrap(api.DELETE('/v1/flows/{flowId}', { params })),
    ...common,
    onSuccess: () => offerUndo({ message: `Flow ${shortName(name)} is deleted`, onUndo: () => void undelete() }),
  });
  const download = useMutation({
    mutationFn: () => unwrap(api.GET('/v1/flows/{flowId}/export', { params })),
    onError: notifyProblem,
    onSuccess: (document) => save(`${fileName(name)}.json`, JSON.stringify(document, null, 2)),
  });
  return { start, pause, resume, stop, copy, remove, download };
}

/** What shows flows is read anew. */
export function refresh(client: ReturnType<typeof useQueryClient>): void {
  for (const key of [keys.flows, keys.flowFigures, flowNamesKey]) {
    void client.invalidateQueries({ queryKey: [key] });
  }
}

/** A file name that every system takes. */
function fileName(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-+|-+$/g, '');
  return plain.slice(0, 80) || 'flow';
}

function save(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
