import { createRunningFlow } from '@millrace/dev';
import { recordOf } from '../judge/judged-run.js';
import { act, actingOn } from './acts.js';
import { postJson } from './call.js';
import { edge, receive, record } from './drafts.js';
import { hasStatus, succeededWith } from './expectations.js';
import type { Kind } from './kind.js';

/** Runs that take some attempts, half of which somebody cancels on the way. */
export const cancelled: Kind = {
  name: 'cancelled',
  async create({ api, open, hookUrl }) {
    const draft = {
      steps: [
        receive(open),
        record('step_2', { value: 'number', failures: '4' }),
        record('step_3', { value: 'value' }),
      ],
      edges: [edge('step_1', 'step_2'), edge('step_2', 'step_3')],
    };
    const { id } = await createRunningFlow(api, { name: 'cancelled', draft });
    /** Runs whose cancellation was answered 200, and those that may have been cancelled besides. */
    const certain = new Set<string>();
    const perhaps = new Set<string>();
    const compact = (runId: string): string => runId.replaceAll('-', '');
    return {
      flowIds: [id],
      send: (number) => postJson(hookUrl(id), number, { number }),
      ...actingOn(async ({ number, requestId }) => {
        if (number % 2 === 0) return 'over';
        perhaps.add(requestId);
        const cancel = await act(api, `/v1/runs/${requestId}/cancel`);
        if (cancel.outcome === 'answered') certain.add(requestId);
        // Not known yet, or the api is away. A run that has ended is refused, and that is an answer.
        return cancel.outcome === 'answered' || (cancel.outcome === 'refused' && cancel.status === 409)
          ? 'over'
          : 'again';
      }),
      judge(run) {
        if (run.status !== 'cancelled') {
          if (certain.has(compact(run.id))) return hasStatus(run, 'cancelled');
          return succeededWith(run, ['step_1', 'step_2 0', 'step_3 0.0']);
        }
        if (!perhaps.has(compact(run.id))) return ['is cancelled, and nobody did that'];
        const astray = run.steps.filter(({ status }) => status !== 'succeeded' && status !== 'cancelled');
        return astray.map(({ stepId, status }) => `${stepId} is ${status} in a cancelled run`);
      },
      effects: (run) =>
        [recordOf(run, 'step_2', '0'), recordOf(run, 'step_3', '0.0')].map((effect) => ({
          ...effect,
          optional: run.status === 'cancelled',
        })),
    };
  },
};
