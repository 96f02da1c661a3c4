import { createHmac } from 'node:crypto';
import { createCredential, createRunningFlow } from '@millrace/dev';
import { recordOf } from '../judge/judged-run.js';
import { post } from './call.js';
import { edge, receive, record } from './drafts.js';
import { succeededWith } from './expectations.js';
import type { Kind } from './kind.js';

const secret = 'signed-by-the-clients-of-the-test';

/** A webhook whose callers sign their bodies. */
export const signed: Kind = {
  name: 'signed with HMAC',
  async create({ api, hookUrl }) {
    const fields = { type: 'hmac', secret };
    const credentialId = await createCredential(api, { component: 'webhook', name: 'Signed', fields });
    const draft = {
      steps: [receive(credentialId), record('step_2', { value: 'number' })],
      edges: [edge('step_1', 'step_2')],
    };
    const { id } = await createRunningFlow(api, { name: 'signed', draft });
    return {
      flowIds: [id],
      send(number) {
        const body = JSON.stringify({ number });
        const signature = createHmac('sha256', secret).update(body).digest('hex');
        const headers = { 'content-type': 'application/json', 'x-millrace-signature': signature };
        return post(hookUrl(id), number, { body, headers });
      },
      judge: (run) => succeededWith(run, ['step_1', 'step_2 0']),
      effects: (run) => [recordOf(run, 'step_2', '0')],
    };
  },
};
