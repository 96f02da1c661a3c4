import { createRunningFlow } from '@millrace/dev';
import { petOf } from '../judge/judged-run.js';
import { postJson } from './call.js';
import { createPet, edge, receive } from './drafts.js';
import { succeededWith } from './expectations.js';
import type { Kind } from './kind.js';

/** The flow of the tutorial. */
export const webhookToPetstore: Kind = {
  name: 'webhook to petstore',
  async create({ api, open, petstore, hookUrl }) {
    const draft = { steps: [receive(open), createPet('step_2', petstore)], edges: [edge('step_1', 'step_2')] };
    const { id } = await createRunningFlow(api, { name: 'webhook to petstore', draft });
    return {
      flowIds: [id],
      send: (number) => postJson(hookUrl(id), number, { number }),
      judge: (run) => succeededWith(run, ['step_1', 'step_2 0']),
      effects: (run) => [petOf(run, 'step_2', '0')],
    };
  },
};
