import { setTimeout as sleep } from 'node:timers/promises';

export interface Traffic {
  /** How many numbered requests are accepted in the end. */
  requests: number;
  /** Callers at a time. */
  clients: number;
  /**
   * What happens to the services, act by act. Clients may only send the share of the numbers that belongs to the acts
   * so far, so every act meets traffic.
   */
  acts: readonly (() => Promise<void>)[];
  /** Sends request `number`, counted from 1. */
  send(number: number): Promise<Response>;
}

/**
 * Sends numbered requests while services are killed and come back. Whoever is refused or gets no answer sends again.
 * Resolves with the number of each request that was answered 200, by its id, and how often a client had to repeat.
 */
export async function trafficThrough({ requests, clients, acts, send }: Traffic): Promise<{
  accepted: Map<string, number>;
  repeated: number;
}> {
  const accepted = new Map<string, number>();
  let next = 0;
  let released = 0;
  let repeated = 0;

  async function untilAccepted(number: number): Promise<void> {
    for (;;) {
      try {
        const answer = await send(number);
        if (answer.status === 200) {
          accepted.set(((await answer.json()) as { requestId: string }).requestId, number);
          return;
        }
        const text = await answer.text();
        if (answer.status !== 503) throw new Error(`request ${number} was answered ${answer.status}: ${text}`);
      } catch (error) {
        if (!(error instanceof TypeError || error instanceof DOMException)) throw error;
      }
      repeated += 1;
      await sleep(100);
    }
  }

  const senders = Array.from({ length: clients }, async () => {
    while (next < requests) {
      if (next >= released) await sleep(5);
      else await untilAccepted((next += 1));
    }
  });
  const sent = Promise.all(senders);
  // A sender that fails must not be an unhandled rejection while the acts go on.
  sent.catch(() => undefined);
  for (const [at, act] of acts.entries()) {
    released = Math.ceil((requests * (at + 1)) / acts.length);
    await sleep(50);
    await act();
  }
  await sent;
  return { accepted, repeated };
}
