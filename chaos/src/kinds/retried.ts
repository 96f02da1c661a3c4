import { createRunningFlow } from '@millrace/dev';
import { recordOf } from '../judge/judged-run.js';
import { postJson } from './call.js';
import { edge, receive, record } from './drafts.js';
import { hasStatus, succeededWith } from './expectations.js';
import type { Kind } from './kind.js';

/** A target that fails at first, and one that refuses for good. */
export const retried: Kind = {
  name: 'failing target',
  async create({ api, open, hookUrl }) {
    const draft = {
      steps: [receive(open), record('step_2', { value: 'number', failures: 'failures', refused: 'refused' })],
      edges: [edge('step_1', 'step_2')],
    };
    const { id } = await createRunningFlow(api, { name: 'failing target', draft });
    return {
      flowIds: [id],
      send: (number) => postJson(hookUrl(id), number, { number, failures: number % 4, refused: isRefused(number) }),
      judge(run) {
        if (!isRefused(run.number)) return succeededWith(run, ['step_1', 'step_2 0']);
        const code = run.steps.find(({ stepId }) => stepId === 'step_2')?.errorCode;
        return [...hasStatus(run, 'failed'), ...(code === 'peer_refused' ? [] : [`step_2 failed with ${code}`])];
      },
      effects: (run) => (isRefused(run.number) ? [] : [recordOf(run, 'step_2', '0')]),
    };
  },
};

const isRefused = (number: number): boolean => Math.floor(number / 10) % 8 === 0;
