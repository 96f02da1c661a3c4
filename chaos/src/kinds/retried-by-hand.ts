import { createRunningFlow } from '@millrace/dev';
import { recordOf } from '../judge/judged-run.js';
import { act, actingOn } from './acts.js';
import { postJson } from './call.js';
import { edge, receive, record } from './drafts.js';
import { hasStatus, succeededWith } from './expectations.js';
import type { Kind } from './kind.js';

/** Runs that fail at the first attempt, and that somebody retries until they succeed. */
export const retriedByHand: Kind = {
  name: 'retried by hand',
  async create({ api, open, hookUrl }) {
    const once = { ...record('step_2', { value: 'number', failures: '1' }), retry: { maxAttempts: 1 } };
    const draft = { steps: [receive(open), once], edges: [edge('step_1', 'step_2')] };
    const { id } = await createRunningFlow(api, { name: 'retried by hand', draft });
    return {
      flowIds: [id],
      send: (number) => postJson(hookUrl(id), number, { number }),
      ...actingOn(async ({ requestId }) => {
        const run = await api.get<{ status: string }>(`/v1/runs/${requestId}`).catch(() => undefined);
        if (run?.status === 'failed') await act(api, `/v1/runs/${requestId}/retry`);
        return run?.status === 'succeeded' ? 'over' : 'again';
      }),
      judge(run) {
        if (run.status === 'succeeded') return succeededWith(run, ['step_1', 'step_2 0']);
        // Nobody was there to retry it once more.
        const astray = run.steps.filter(
          ({ stepId, status }) => status !== (stepId === 'step_1' ? 'succeeded' : 'failed'),
        );
        return [...hasStatus(run, 'failed'), ...astray.map(({ stepId, status }) => `${stepId} is ${status}`)];
      },
      effects: (run) => [{ ...recordOf(run, 'step_2', '0'), optional: run.status === 'failed' }],
    };
  },
};
