import { newId, type CredentialId, type WorkspaceId } from '@millrace/contracts';
import { createMask } from '@millrace/credentials';
import { describe, expect, it } from 'vitest';
import { answerWithin } from './answer-within.js';
import { Interruption, RunningSteps, type RunningQuestion } from './running-steps.js';

const call = { timeoutMs: 20, mask: createMask(['hunter2-is-long']), inVain: 'Pets could not list the values' };

const question = (): RunningQuestion =>
  new RunningSteps().ask({
    component: 'pets',
    request: {
      call: 'verifyCredential',
      workspaceId: newId<WorkspaceId>(),
      timeoutMs: 20,
      credential: { id: newId<CredentialId>(), sealed: '' },
    },
    caller: undefined,
  });

describe('an answer to a question', () => {
  it('is aborted and told as such when its time is over, even when the work goes on', async () => {
    let aborted = false;
    const reply = await answerWithin(question(), call, ({ abort }) => {
      abort.onAbort(() => (aborted = true));
      return new Promise(() => undefined);
    });
    expect(reply).toMatchObject({ error: { code: 'timeout', message: 'Pets could not list the values within 20 ms' } });
    expect(aborted).toBe(true);
  });

  it('says what the component did beside its work, or that the process ends, and not that its time is up', async () => {
    const asked = question();
    const stray = answerWithin(asked, call, () => new Promise(() => undefined));
    asked.abort.abort(new Error('left an error uncaught'));
    expect(await stray).toMatchObject({ error: { code: 'operation_failed', message: 'left an error uncaught' } });
    const ending = question();
    ending.abort.abort(new Interruption('the process ends'));
    expect(await answerWithin(ending, call, () => 1)).toMatchObject({ error: { code: 'component_restarted' } });
  });

  it('is what goes wrong, whether it is thrown at once or later, without secrets', async () => {
    const fail = (): never => {
      throw new Error('hunter2-is-long is wrong');
    };
    for (const work of [fail, async () => fail()]) {
      expect(await answerWithin(question(), call, work)).toMatchObject({
        ok: false,
        error: { code: 'operation_failed', message: '*** is wrong' },
      });
    }
  });
});
