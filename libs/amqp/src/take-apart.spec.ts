import { describe, expect, it } from 'vitest';
import { silent } from './amqp.fixture.js';
import type { Delivery } from './delivery.js';
import { PublishError } from './publish-error.js';
import type { Lease } from './subscription.js';
import { takeApart } from './take-apart.js';

const away = new PublishError('unavailable', 'no broker');
const parts = ['m0', 'm1', 'm2'].map((messageId) => ({ messageId }) as Delivery);

/** Takes three messages apart; `refusal` says what happens to the n-th sending, counted from 1. */
function taken(refusal: (sending: number) => PublishError | undefined, { dead = false } = {}) {
  const sent: string[] = [];
  const closing = new AbortController();
  const outcome = takeApart(parts, {
    lease: { acks: { dead } } as Lease,
    subscription: {
      queue: 'work',
      ending: closing.signal,
      get closing() {
        return closing.signal.aborted;
      },
    },
    logger: silent,
    park: {
      requeue: ({ messageId = '' }) => {
        sent.push(messageId);
        const refused = refusal(sent.length);
        return refused ? Promise.reject(refused) : Promise.resolve();
      },
    },
  });
  return { outcome, sent, close: () => closing.abort() };
}

describe('taking a bundle apart', () => {
  it('sends again, for as long as it takes, only what was not confirmed', async () => {
    const { outcome, sent } = taken((sending) => (sending === 2 || sending === 4 ? away : undefined));
    expect(await outcome).toEqual({ outcome: 'done' });
    expect(sent).toEqual(['m0', 'm1', 'm2', 'm1', 'm1']);
  });

  it('ends at once when the consumer closes, and the bundle goes back untouched', async () => {
    const { outcome, close } = taken(() => away);
    close();
    expect(await outcome).toEqual({ outcome: 'giveBack' });
  });

  it('has it come again where a message will never be taken, or nothing can be acked any more', async () => {
    const hopeless = taken((sending) =>
      sending === 1 ? away : sending === 3 ? new PublishError('tooLarge', 'too large') : undefined,
    );
    expect(await hopeless.outcome).toEqual({ outcome: 'redeliver' });
    expect(hopeless.sent).toHaveLength(3);
    expect(await taken(() => away, { dead: true }).outcome).toEqual({ outcome: 'redeliver' });
  });
});
