import { createRunningFlow } from '@millrace/dev';
import { recordOf } from '../judge/judged-run.js';
import { postJson } from './call.js';
import { edge, receive, record } from './drafts.js';
import { succeededWith } from './expectations.js';
import type { Kind } from './kind.js';

/** A mapping that only the sandbox can evaluate. */
export const jsonata: Kind = {
  name: 'mapping in the sandbox',
  async create({ api, open, hookUrl }) {
    const value = '$uppercase(name) & "-" & $string($sum(items.(price * amount)))';
    const draft = { steps: [receive(open), record('step_2', { value })], edges: [edge('step_1', 'step_2')] };
    const { id } = await createRunningFlow(api, { name: 'mapping in the sandbox', draft });
    return {
      flowIds: [id],
      send: (number) =>
        postJson(hookUrl(id), number, {
          name: `pet ${number}`,
          items: [
            { price: 2, amount: number },
            { price: 1, amount: 3 },
          ],
        }),
      judge(run) {
        const expected = `PET ${run.number}-${2 * run.number + 3}`;
        const { value: made } = (run.steps.find(({ stepId }) => stepId === 'step_2')?.output ?? {}) as {
          value?: unknown;
        };
        return [
          ...succeededWith(run, ['step_1', 'step_2 0']),
          ...(made === expected ? [] : [`was mapped to ${JSON.stringify(made)}, not ${expected}`]),
        ];
      },
      effects: (run) => [recordOf(run, 'step_2', '0')],
    };
  },
};
