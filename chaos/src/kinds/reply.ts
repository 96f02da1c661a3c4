import { createRunningFlow } from '@millrace/dev';
import { petOf } from '../judge/judged-run.js';
import { post, readPlainAnswer } from './call.js';
import { createPet, edge, receive, replyStep } from './drafts.js';
import { succeededWith } from './expectations.js';
import type { Kind, Verdict } from './kind.js';

const replyTimeoutSeconds = 5;

/** The caller waits for what the flow found. */
export const reply: Kind = {
  name: 'reply',
  async create({ api, open, petstore, hookUrl }) {
    const draft = {
      steps: [
        receive(open, { replyTimeoutSeconds }),
        createPet('step_2', petstore),
        replyStep('step_3', { status: 201, body: { requestId: 'name', number: '$steps.step_1.number' } }),
      ],
      edges: [edge('step_1', 'step_2'), edge('step_2', 'step_3')],
    };
    const { id } = await createRunningFlow(api, { name: 'reply', draft });
    return {
      flowIds: [id],
      send: (number) =>
        post(hookUrl(id), number, {
          body: JSON.stringify({ number }),
          headers: { 'content-type': 'application/json' },
          patience: replyTimeoutSeconds * 1_000 + 5_000,
        }),
      read,
      judge: (run) => succeededWith(run, ['step_1', 'step_2 0', 'step_3 0.0']),
      effects: (run) => [petOf(run, 'step_2', '0')],
    };
  },
};

/** A reply is the caller's own; one that came too late was accepted all the same, and says so. */
async function read(answer: Response, number: number): Promise<Verdict> {
  const { status } = answer;
  if (status !== 201 && status !== 504 && status !== 502) return readPlainAnswer(answer);
  const told = JSON.parse(await answer.text()) as { requestId: string; number?: number };
  const { requestId } = told;
  const compact = requestId.replaceAll('-', '');
  if (status !== 201) return { outcome: 'accepted', requestId: compact };
  const own = answer.headers.get('x-millrace-request-id') === compact && told.number === number;
  if (own) return { outcome: 'accepted', requestId: compact };
  return { outcome: 'wrong', what: `got the reply of another call: ${JSON.stringify(told)}` };
}
