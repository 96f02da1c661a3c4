/*
 * The watchdog is a thread beside the event loop, for what the loop itself cannot notice: that it does not go on, and that
 * memory runs out. The main thread beats; when it has not for too long, or the process holds too much memory, the watchdog
 * interrupts it through the inspector, which reaches into endless loops and regular expressions, and asks which step or question
 * the code that runs there belongs to (`workContext`). Then it
 *
 *   1. writes one line that names component, operation and run,
 *   2. publishes the failure of that step to `results`, confirmed, over a connection of its own, and answers all questions
 *      that are under way: the guilty one with the failure, the others with the advice to ask again,
 *   3. has the main thread ack that step, which goes past the event loop (`acknowledgeNow`),
 *   4. ends the process.
 *
 * All other steps come again by redelivery, questions do not: they were acked when they began. When the guilty step cannot be told, because a call into the operating system
 * blocks (the line then names the step that began last), or memory grew while several steps,
 * questions or orphans ran, no step is failed: from its second loss on a step runs alone, and then
 * it is known. A kill between 2 and 3 leads to a second failure of the same step, which is absorbed.
 */
import { url as inspectorUrl } from 'node:inspector';
import { Worker } from 'node:worker_threads';
import { getHeapStatistics } from 'node:v8';
import { acknowledgeNow } from '@millrace/amqp';
import { encodeResultMessage, encodeRpcReply, queues, stepMessageId, type StepError } from '@millrace/contracts';
import type { Component } from '@millrace/component-sdk';
import type { Delivery } from '@millrace/amqp';
import { interrupted } from './answer-within.js';
import { resultOf } from './run-step.js';
import {
  workContext,
  type RunningQuestion,
  type RunningStep,
  type RunningSteps,
  type RunningWork,
} from './running-steps.js';
import { workNames } from './stray-errors.js';

export interface WatchdogLimits {
  /** How long the event loop may not go on. */
  blockedMs: number;
  /** Resident memory of the process. */
  memoryBytes: number;
}

/** What the thread is given. */
export interface WatchdogData extends WatchdogLimits {
  /** Counts the beats. */
  beats: Int32Array;
  beatMs: number;
  /** Names the step or question that began last, for when the main thread cannot be asked: length, then text. */
  begun: SharedArrayBuffer;
  component: string;
  amqpUrl: string;
  service: string;
}

export type Trouble = 'blocked' | 'memory';

/** What the main thread answers when it is asked, as JSON. */
export interface Suspect {
  /** Names of the step or question; `undefined` when it cannot be told which it is. */
  work?: Record<string, string>;
  inFlight: number;
  questions: number;
  /** The failure of the step, after which its message is acked; missing for a question, and a step that was answered before. */
  result?: LastWord;
  /** The answers to all questions under way. */
  replies: LastWord[];
}

/** A message that is to be published before the process ends. */
export interface LastWord {
  routingKey: string;
  messageId: string;
  correlationId?: string;
  body: string;
}

/** Where the thread finds the two functions, in the main thread's globals. */
export const watchdogHook = 'millrace.watchdog';

const beatMs = 250;
const begunBytes = 256;
/** Also from within a step, where it is forbidden otherwise. */
const exit = process.exit.bind(process);
const mib = 1024 * 1024;

/** Starts the watchdog; returns the function that ends it. Under a debugger nothing is watched. */
export function startWatchdog(options: {
  component: Component;
  steps: RunningSteps;
  deliveryOf: (messageId: string) => Delivery | undefined;
  limits: WatchdogLimits;
  amqpUrl: string;
  service: string;
}): () => Promise<void> {
  if (inspectorUrl() !== undefined) return () => Promise.resolve();
  const { component, steps, deliveryOf, limits, amqpUrl, service } = options;
  const beats = new Int32Array(new SharedArrayBuffer(4));
  const beating = setInterval(() => Atomics.add(beats, 0, 1), beatMs).unref();
  const begun = new SharedArrayBuffer(begunBytes);
  const begunText = Buffer.from(begun);
  steps.onCall = (work) => {
    begunText[0] = begunText.write(begunWords(work), 1, 'latin1');
  };
  const hook = {
    suspect: (trouble: Trouble, mayName: boolean): string =>
      JSON.stringify(suspectOf(component, steps, { trouble, mayName, limits })),
    acknowledge(messageId: string): boolean {
      const delivery = deliveryOf(messageId);
      return delivery !== undefined && acknowledgeNow(delivery);
    },
    /** What is asked from now on is refused by the main thread itself, if its loop goes on. */
    ending: (): void => steps.refuseQuestions(),
    end: (code: number): never => exit(code),
    liveBytes(): number {
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    },
  };
  Object.defineProperty(globalThis, Symbol.for(watchdogHook), { value: hook, configurable: true });
  const { blockedMs, memoryBytes } = limits;
  const data: WatchdogData = {
    blockedMs,
    memoryBytes,
    beats,
    beatMs,
    begun,
    component: component.name,
    amqpUrl,
    service,
  };
  const thread = new Worker(new URL('watchdog.worker.js', import.meta.url), {
    workerData: data,
    name: 'watchdog',
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 2 },
  });
  thread.unref();
  return async () => {
    clearInterval(beating);
    await thread.terminate();
  };
}

/** Default of the memory limit: below what the container and the heap of V8 allow, so that the watchdog comes first. */
export function defaultMemoryBytes(): number {
  const container = process.constrainedMemory();
  const heapLimit = getHeapStatistics().heap_size_limit;
  // Without a limit the system says 0 or a number beyond any memory.
  const contained = container > 0 && container < 2 ** 50 ? container * 0.8 : Infinity;
  return Math.floor(Math.min(1024 * mib, contained, heapLimit * 0.75 + 64 * mib));
}

function suspectOf(
  component: Component,
  steps: RunningSteps,
  asked: { trouble: Trouble; mayName: boolean; limits: WatchdogLimits },
): Suspect {
  const guilty = (asked.mayName ? workContext.getStore() : undefined) ?? steps.only;
  const error = errorOf(asked.trouble, asked.limits);
  const replies = [...steps.questions].flatMap((question) =>
    answerTo(question, question === guilty ? error : undefined),
  );
  const suspect = { inFlight: steps.inFlight, questions: steps.questions.size, replies };
  if (!guilty) return suspect;
  const work = workNames(guilty);
  if (guilty.kind === 'question' || guilty.ended) return { ...suspect, work };
  return { ...suspect, work, result: failureBy(component, guilty, error) };
}

function failureBy(component: Component, { message }: RunningStep, error: StepError): LastWord {
  const outcome = { kind: 'failed', error, retry: { kind: 'never' } } as const;
  const result = resultOf(component, message, { outcome, logs: [], startedAt: Date.now() });
  const messageId = stepMessageId(message);
  return { routingKey: queues.results, messageId, body: encodeResultMessage(result).toString() };
}

function answerTo({ caller }: RunningQuestion, error: StepError | undefined): LastWord[] {
  if (!caller) return [];
  const { replyTo, correlationId } = caller;
  const reply = error ? ({ ok: false, error } as const) : interrupted();
  return [{ routingKey: replyTo, messageId: correlationId, correlationId, body: encodeRpcReply(reply).toString() }];
}

/** Operation, run, step and path. */
function begunWords(work: RunningWork): string {
  if (work.kind === 'question')
    return `${work.request.call} ${'operation' in work.request ? work.request.operation : ''}`;
  const { operation, runId, stepId, path } = work.message;
  return `${operation} ${runId} ${stepId} ${path}`;
}

function errorOf(trouble: Trouble, { blockedMs, memoryBytes }: WatchdogLimits): StepError {
  if (trouble === 'blocked') {
    const message =
      `The operation kept the process of its component busy for ${blockedMs} ms without a pause, as an endless loop or a ` +
      'regular expression does, and was ended; it is not run again by itself';
    return { code: 'component_blocked', message, detail: { limitMs: blockedMs } };
  }
  const limitMb = Math.round(memoryBytes / mib);
  const message =
    `The operation took more memory than its component may (${limitMb} MB) and was ended; it is not run again by itself. ` +
    'Let it handle less at a time, or raise MEMORY_LIMIT_MB of the component';
  return { code: 'memory_exceeded', message, detail: { limitMb } };
}
