import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient, type UseMutationResult } from '@tanstack/react-query';
import { ApiProblem } from '../../../api/api-problem.js';
import { api, unwrap } from '../../../api/client.js';
import { keys } from '../../../api/keys.js';
import type { Flow, FlowVersion } from '../../../api/schema.generated.js';
import { notifyProblem } from '../../../ui/notify-problem.js';
import type { ServerDraft } from '../draft/autosave.js';
import { draftKey } from '../draft/server-draft.js';
import { useDraft } from '../draft/use-draft.js';

export type Order = 'start' | 'stop' | 'pause' | 'resume';

const said: Readonly<Record<Order, string>> = {
  start: 'The flow is started',
  stop: 'The flow is stopped',
  pause: 'The flow is paused: what comes in waits',
  resume: 'The flow is resumed',
};

/** Starts, stops, pauses and resumes the open flow. */
export function useOrder(): UseMutationResult<Flow, unknown, Order> {
  const client = useQueryClient();
  const { flow } = useDraft();
  const params = { path: { flowId: flow.id } };
  return useMutation({
    mutationFn: (order: Order): Promise<Flow> => {
      switch (order) {
        case 'start':
          return unwrap(api.POST('/v1/flows/{flowId}/start', { params }));
        case 'stop':
          return unwrap(api.POST('/v1/flows/{flowId}/stop', { params, body: { queued: 'keep' } }));
        case 'pause':
          return unwrap(api.POST('/v1/flows/{flowId}/pause', { params }));
        case 'resume':
          return unwrap(api.POST('/v1/flows/{flowId}/resume', { params, body: {} }));
      }
    },
    onSuccess: (changed, order) => {
      client.setQueryData([keys.flows, 'one', flow.id], changed);
      void client.invalidateQueries({ queryKey: [keys.flows] });
      notifications.show({ message: said[order] });
    },
    onError: notifyProblem,
  });
}

/** Publishes the draft as it is on the screen. */
export function usePublish(onProblems: () => void): UseMutationResult<FlowVersion | null, unknown, void> {
  const client = useQueryClient();
  const { flow, saveNow } = useDraft();
  return useMutation({
    mutationFn: async () => {
      // Where that fails the state of the saving says why.
      if (!(await saveNow())) return null;
      const saved = client.getQueryData<ServerDraft>(draftKey(flow.id));
      const header = { 'If-Match': saved ? `"${saved.revision}"` : '*' };
      const params = { path: { flowId: flow.id }, header };
      return unwrap(api.POST('/v1/flows/{flowId}/publish', { params }));
    },
    onSuccess: (version) => {
      if (version) notifications.show({ message: `Version ${version.number} is published` });
    },
    onError: (error) => {
      if (error instanceof ApiProblem && error.code === 'draft_invalid') onProblems();
      else notifyProblem(error);
    },
    onSettled: () => client.invalidateQueries({ queryKey: [keys.flows] }),
  });
}

/** Whether the draft as it was saved last is the published version; unknown until it is asked. */
export function useIsPublished(): boolean | undefined {
  const { flow, revision } = useDraft();
  const { id: flowId, publishedVersion } = flow;
  const { data } = useQuery({
    queryKey: [keys.flows, 'difference', flowId, publishedVersion, revision],
    queryFn: ({ signal }) => unwrap(api.GET('/v1/flows/{flowId}/difference', { params: { path: { flowId } }, signal })),
    enabled: publishedVersion !== null,
  });
  if (publishedVersion === null) return false;
  return data && data.steps.length + data.edges.length + data.fields.length === 0;
}
