import type { FlowDraft } from '@millrace/flow-model';
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { ApiProblem, asApiProblem } from '../../../api/api-problem.js';
import { api, unwrap } from '../../../api/client.js';
import { keys } from '../../../api/keys.js';
import type { SavedDraft } from '../../../api/schema.generated.js';
import type { SaveOutcome, ServerDraft } from './autosave.js';
import { isSameJson } from './changed-places.js';

export function draftKey(flowId: string): readonly unknown[] {
  return [keys.flows, 'draft', flowId];
}

/** The draft of a flow as the control plane has it. */
export function useServerDraft(flowId: string): UseQueryResult<ServerDraft> {
  return useQuery({ queryKey: draftKey(flowId), queryFn: ({ signal }) => readDraft(flowId, signal) });
}

export async function readDraft(flowId: string, signal?: AbortSignal): Promise<ServerDraft> {
  const params = { path: { flowId } };
  return serverDraft(await unwrap(api.GET('/v1/flows/{flowId}/draft', { params, signal: signal ?? null })));
}

/** Saves a draft if the control plane has it in this revision; whatever goes wrong is an outcome. */
export async function saveDraft(flowId: string, draft: FlowDraft, revision: number): Promise<SaveOutcome> {
  try {
    const saved = await unwrap(
      api.PUT('/v1/flows/{flowId}/draft', {
        params: { path: { flowId }, header: { 'If-Match': `"${revision}"` } },
        body: draft as SavedDraft['draft'],
      }),
    );
    return { outcome: 'saved', saved: serverDraft(saved) };
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status !== 412)
      return { outcome: 'failed', problem: asApiProblem(error) };
  }
  try {
    const theirs = await readDraft(flowId);
    // The answer to a save of our own may have been lost on its way.
    return isSameJson(theirs.draft, draft) ? { outcome: 'saved', saved: theirs } : { outcome: 'conflict', theirs };
  } catch (error) {
    return { outcome: 'failed', problem: asApiProblem(error) };
  }
}

export function serverDraft({ draft, draftRevision, problems, savedBy, savedAt }: SavedDraft): ServerDraft {
  return { draft: draft as FlowDraft, revision: draftRevision, problems, savedBy, savedAt };
}
