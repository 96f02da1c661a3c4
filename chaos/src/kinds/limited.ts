import { createRunningFlow } from '@millrace/dev';
import { recordOf } from '../judge/judged-run.js';
import { tooManyAtOnce } from '../judge/kinds/places.js';
import { act, attendingTo } from './acts.js';
import { postJson } from './call.js';
import { edge, receive, record } from './drafts.js';
import { succeededWith } from './expectations.js';
import type { Kind } from './kind.js';

const concurrency = 5;

/** A flow that bounds how many of its runs go on at a time; some are cancelled, most of which wait for their turn then. */
export const limited: Kind = {
  name: 'limit of concurrency',
  async create({ api, open, hookUrl }) {
    const draft = {
      steps: [receive(open), record('step_2', { value: 'number', failures: 'failures' })],
      edges: [edge('step_1', 'step_2')],
      settings: { concurrency },
    };
    const { id } = await createRunningFlow(api, { name: 'limit of concurrency', draft });
    const perhaps = new Set<string>();
    const certain = new Set<string>();
    return {
      flowIds: [id],
      send: (number) => postJson(hookUrl(id), number, { number, failures: number % 2 }),
      ...attendingTo(async ({ number, requestId }) => {
        if (number % 5 > 0) return 'over';
        perhaps.add(requestId);
        const cancel = await act(api, `/v1/runs/${requestId}/cancel`);
        if (cancel.outcome === 'answered') certain.add(requestId);
        const told = cancel.outcome === 'answered' || (cancel.outcome === 'refused' && cancel.status === 409);
        return told ? 'over' : 'again';
      }),
      judge(run) {
        const requestId = run.id.replaceAll('-', '');
        if (run.status !== 'cancelled') {
          return certain.has(requestId) ? ['was told to be cancelled'] : succeededWith(run, ['step_1', 'step_2 0']);
        }
        return perhaps.has(requestId) ? [] : ['is cancelled, and nobody did that'];
      },
      effects: (run) => [{ ...recordOf(run, 'step_2', '0'), optional: run.status === 'cancelled' }],
      judgeAll: (runs) => tooManyAtOnce(runs, concurrency),
    };
  },
};
