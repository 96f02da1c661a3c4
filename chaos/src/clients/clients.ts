import { setTimeout as sleep } from 'node:timers/promises';
import { readPlainAnswer } from '../kinds/call.js';
import type { FlowUnderTest, Verdict } from '../kinds/kind.js';
import type { Random } from '../random.js';
import type { Ledger } from './ledger.js';

/** One kind with its flow, as clients see it. */
export interface Addressee {
  readonly name: string;
  readonly flow: FlowUnderTest;
}

export interface Traffic {
  /** Callers at a time. */
  readonly clients: number;
  /** New requests per second, all callers together. Repeated ones come on top. */
  readonly perSecond: number;
  /** No new request after so many, or as soon as this says so. */
  readonly until: { readonly requests: number } | { readonly stopping: AbortSignal };
}

/** Sends numbered requests; numbers go on from one traffic to the next. */
export interface Clients {
  /** Resolves when every number that was begun has been accepted. */
  send(to: readonly Addressee[], traffic: Traffic): Promise<void>;
  /** Numbers that were begun so far. */
  readonly count: number;
}

const pauseMs = 150;

/** @param random which kind each number is of */
export function openClients(ledger: Ledger, random: Random): Clients {
  let last = 0;

  /** A client repeats only what was refused or cut. */
  async function untilAccepted(number: number, { flow }: Addressee): Promise<void> {
    for (;;) {
      const verdict = await callOnce(flow, number);
      ledger.note(number, verdict);
      if (verdict?.outcome === 'accepted' || verdict?.outcome === 'wrong') return;
      await sleep(pauseMs);
    }
  }

  return {
    async send(to, { clients, perSecond, until }) {
      const intervalMs = 1_000 / perSecond;
      const bound = 'requests' in until ? last + until.requests : Number.POSITIVE_INFINITY;
      const ended = (): boolean => last >= bound || ('stopping' in until && until.stopping.aborted);
      let dueAt = performance.now();
      const caller = async (): Promise<void> => {
        while (!ended()) {
          // A time that was missed, because everybody waited, is not made up for by a flood.
          dueAt = Math.max(dueAt + intervalMs, performance.now() - 1_000);
          last += 1;
          const number = last;
          const addressee = random.pick(to);
          ledger.sent(number, addressee.name);
          await sleep(Math.max(0, dueAt - performance.now()));
          await untilAccepted(number, addressee);
        }
      };
      await Promise.all(Array.from({ length: clients }, caller));
    },
    get count() {
      return last;
    },
  };
}

/** `undefined`: the call was cut, or nobody answered in time. */
async function callOnce(flow: FlowUnderTest, number: number): Promise<Verdict | undefined> {
  try {
    const answer = await flow.send(number);
    return await (flow.read?.(answer, number) ?? readPlainAnswer(answer));
  } catch (error) {
    // What fetch throws when a connection is refused or cut, also within the body, and when the time is up.
    if (error instanceof TypeError || error instanceof DOMException) return undefined;
    throw error;
  }
}
