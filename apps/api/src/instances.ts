/*
 * Other services keep copies of flows and credentials. A change is answered only when all of them have let go of what was
 * before, so that it holds for the next request wherever that goes.
 *
 *   tell() ─▶ invalidate (to all, reply-to this instance) ─▶ each forgets, says `heard` ─▶ all known ones did: resolved
 *                                                            │ one is silent: it is asked again, by its own queue
 *                                                            │   ├ the queue is gone: it is known no more
 *                                                            │   └ the queue is there: it hangs, or is late
 *                                                            ▼
 *                                             copies that old have expired by themselves: resolved
 *
 * Known is whose queue was named in a hello, when it began to listen, or in an answer to a question that is asked every few
 * seconds. Who begins to listen has forgotten everything. A queue goes with its connection; who has lost that has ended, or
 * keeps copies for a moment only until it listens again, and so for a while after a queue went each change waits that moment.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  consume,
  createParker,
  DONE,
  PublishError,
  type AmqpSession,
  type Delivery,
  type Publisher,
} from '@millrace/amqp';
import {
  copiesAreUsedForMs,
  deafKeepForMs,
  encodeInvalidation,
  exchanges,
  heardQueue,
  instanceSays,
  type Invalidation,
} from '@millrace/contracts';
import type { Logger } from '@millrace/observability';

export interface Instances {
  /**
   * Resolves when no instance acts by copies of these any more: all have said that they forgot them, or the copies have
   * expired, which takes about 11 s where an instance hangs or the broker cannot be reached. Never rejects.
   */
  tell(invalidation: Invalidation): Promise<void>;
  /** Instances that are waited for. */
  readonly known: number;
  close(): Promise<void>;
}

export interface InstancesOptions {
  publisher: Publisher;
  logger: Logger;
  /** How long an instance may be silent before it is asked by its own queue; default 200 ms. */
  heardWithinMs?: number;
  /** How often it is asked who is there; default 5 s. */
  askEveryMs?: number;
  /** After this no copy is left, whoever was silent; default is the time that copies are used, and 1 s for reading them. */
  expiredAfterMs?: number;
}

const usualHeardWithinMs = 200;
const usualAskEveryMs = 5_000;
const usualExpiredAfterMs = copiesAreUsedForMs + 1_000;
/** For this long after it began to listen, this instance may not know all others. */
const meetingMs = 500;
/** Who has lost its connection listens again by then: waits between attempts are at most 5 s. */
const backWithinMs = 30_000;
const lookEveryMs = 50;
const sendAgainAfterMs = 200;

interface Question {
  invalidation: Invalidation;
  messageId: string;
  heard: Set<string>;
  /** Called at each answer, and at the end. */
  wake: () => void;
  untilMs: number;
}

/** `session` is where the answers come in. */
export function openInstances(session: AmqpSession, options: InstancesOptions): Instances {
  const { publisher, logger, heardWithinMs = usualHeardWithinMs, askEveryMs = usualAskEveryMs } = options;
  const { expiredAfterMs = usualExpiredAfterMs } = options;
  /** By the names of their queues. */
  const known = new Set<string>();
  const questions = new Map<string, Question>();
  /** When all who listen have had the time to say so; undefined while no answer can come in. */
  let metAtMs: number | undefined;
  let queueWentAtMs = -Infinity;

  const consumer = consume(session, {
    queue: { name: () => heardQueue(randomUUID()), bindings: [{ exchange: exchanges.invalidate, routingKey: '' }] },
    prefetch: 100,
    logger,
    park: createParker(publisher),
    onSubscribed() {
      metAtMs = performance.now() + meetingMs;
      void ask();
    },
    handle(delivery) {
      listen(delivery);
      return Promise.resolve(DONE);
    },
  });
  const forgetState = session.onState((state) => {
    if (state === 'connecting' || state === 'closed') metAtMs = undefined;
  });
  const asking = setInterval(() => void ask(), askEveryMs).unref();

  function listen({ type, headers, correlationId }: Delivery): void {
    const { instance } = headers;
    if (typeof instance !== 'string' || (type !== instanceSays.hello && type !== instanceSays.heard)) return;
    known.add(instance);
    const question = questions.get(correlationId ?? '');
    question?.heard.add(instance);
    question?.wake();
  }

  /** Who is there, and who is gone. */
  async function ask(): Promise<void> {
    await put({ flowIds: [], credentialIds: [] }, heardWithinMs * 2);
  }

  async function tell(invalidation: Invalidation): Promise<void> {
    const silent = await put(invalidation, expiredAfterMs);
    if (silent === undefined) return;
    logger.warn({ ...invalidation, instances: silent }, 'not all said that they forgot a change, copies have expired');
  }

  /** Resolves with `undefined` when all have heard, else at the bound with the queues of those who are silent. */
  async function put(invalidation: Invalidation, boundMs: number): Promise<string[] | undefined> {
    const untilMs = performance.now() + boundMs;
    const messageId = randomUUID();
    const question: Question = { invalidation, messageId, heard: new Set(), wake: () => undefined, untilMs };
    questions.set(messageId, question);
    try {
      while (!(await send(question, undefined))) {
        if (performance.now() >= question.untilMs) return silentOf(question);
        await pause(Math.min(sendAgainAfterMs, question.untilMs - performance.now()), question);
      }
      return (await allHeard(question)) ? undefined : silentOf(question);
    } finally {
      questions.delete(messageId);
    }
  }

  async function allHeard(question: Question): Promise<boolean> {
    let waitMs = heardWithinMs;
    let askAgainAtMs = performance.now() + waitMs;
    for (;;) {
      const nowMs = performance.now();
      const silent = silentOf(question);
      if (silent.length === 0 && metAtMs !== undefined && nowMs >= metAtMs) {
        if (nowMs < queueWentAtMs + backWithinMs) await sleep(deafKeepForMs * 1.5);
        return true;
      }
      if (nowMs >= question.untilMs) return false;
      if (nowMs >= askAgainAtMs) {
        await Promise.all(silent.map((queue) => send(question, queue)));
        waitMs *= 2;
        askAgainAtMs = performance.now() + waitMs;
        continue;
      }
      const nextMs = silent.length > 0 ? askAgainAtMs : Math.max(metAtMs ?? 0, nowMs + lookEveryMs);
      await pause(Math.min(nextMs, question.untilMs) - nowMs, question);
    }
  }

  function silentOf({ heard }: Question): string[] {
    return [...known].filter((queue) => !heard.has(queue));
  }

  /** Sends the question to all, or to one queue; whose queue is gone is known no more. Resolves whether it is confirmed. */
  async function send({ invalidation, messageId, untilMs }: Question, queue: string | undefined): Promise<boolean> {
    const replyTo = consumer.queue;
    const message = {
      ...(queue === undefined
        ? { exchange: exchanges.invalidate, routingKey: '' }
        : { exchange: '', routingKey: queue }),
      body: encodeInvalidation(invalidation),
      messageId,
      ...(replyTo === undefined ? {} : { replyTo }),
      // With no instance there to hear it there is nothing to forget.
      mandatory: queue !== undefined,
      persistent: false,
    };
    try {
      await publisher.publish(message, { timeoutMs: Math.max(1, untilMs - performance.now()) });
      return true;
    } catch (error) {
      if (queue !== undefined && error instanceof PublishError && error.reason === 'returned') {
        if (known.delete(queue)) queueWentAtMs = performance.now();
        logger.info({ instance: queue }, 'an instance is gone and not waited for any more');
      } else {
        logger.debug({ err: error, instance: queue }, 'a question to the instances was not confirmed');
      }
      return false;
    }
  }

  return {
    tell,
    get known() {
      return known.size;
    },
    async close() {
      clearInterval(asking);
      forgetState();
      for (const question of questions.values()) {
        question.untilMs = -Infinity;
        question.wake();
      }
      await consumer.close();
    },
  };
}

/** Ends early when one more has answered. */
function pause(ms: number, question: Question): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, Math.max(0, ms));
    function end(): void {
      clearTimeout(timer);
      resolve();
    }
    question.wake = end;
  });
}
