/* The thread of `watchdog.ts`, which says what it does. */
import { Session } from 'node:inspector';
import { setTimeout as pause } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';
import type { Logger } from '@millrace/observability';
import type { LastWord, Suspect, Trouble, WatchdogData } from './watchdog.js';

const { beats, beatMs, blockedMs, memoryBytes, ...data } = workerData as WatchdogData;
const hook = 'globalThis[Symbol.for("millrace.watchdog")]';

const answerMs = 2_000;
const maxTries = 100;
/** Of a full heap. */
const collectMs = 10_000;
const publishMs = 10_000;
/** For the broker to read the ack before the connection is reset. */
const ackMs = 200;
/** Garbage is collected at most so often for a look at what is live. */
const collectEveryMs = 1_000;
/** The code with which the process ends (`EX_SOFTWARE`). */
const exitCode = 70;

let lastBeat = -1;
let missed = 0;
let collectedAt = -Infinity;
let session: Session | undefined;

// Missed beats are counted, not measured in time: a process that was suspended missed none.
for (;;) {
  await pause(beatMs);
  const beat = Atomics.load(beats, 0);
  missed = beat === lastBeat ? missed + 1 : 0;
  lastBeat = beat;
  if (missed * beatMs >= blockedMs) await onBlocked();
  else if (process.memoryUsage.rss() > memoryBytes) await onMemory();
}

async function onBlocked(): Promise<void> {
  const full = process.memoryUsage.rss() > memoryBytes && (await isFull());
  const suspect = await ask(full ? 'memory' : 'blocked', true);
  // It went on meanwhile.
  if (Atomics.load(beats, 0) !== lastBeat) return;
  if (full) await endFull(suspect);
  else await end(suspect, 'the event loop was blocked for too long, the process ends', { blockedMs });
}

async function onMemory(): Promise<void> {
  if (performance.now() - collectedAt < collectEveryMs) return;
  // Code that has not let the loop go on since the last beat is what fills the memory.
  const blocked = missed > 0;
  if (await isFull()) await endFull(await ask('memory', blocked));
  session?.disconnect();
  session = undefined;
}

function endFull(suspect: Suspect | undefined): Promise<never> {
  return end(suspect, 'the memory limit is exceeded, the process ends', { memoryBytes });
}

/** Whether what is held is not garbage. A main thread that does not answer is taken as full. */
async function isFull(): Promise<boolean> {
  collectedAt = performance.now();
  await post('HeapProfiler.collectGarbage', {}, collectMs);
  const live = await evaluate<number>(`${hook}.liveBytes()`);
  collectedAt = performance.now();
  return live === undefined || live >= memoryBytes * 0.8;
}

/** Asks until the answer names somebody: between two continuations of a promise no code of the component runs. */
async function ask(trouble: Trouble, mayName: boolean): Promise<Suspect | undefined> {
  for (let tries = 1; ; tries += 1) {
    const text = await evaluate<string>(`${hook}.suspect("${trouble}", ${mayName})`);
    const suspect = text === undefined ? undefined : (JSON.parse(text) as Suspect);
    if (!suspect || suspect.work || !mayName || tries === maxTries) return suspect;
    await pause(1);
  }
}

async function end(suspect: Suspect | undefined, sentence: string, limit: object): Promise<never> {
  const { createLogger } = await import('@millrace/observability');
  const logger = createLogger({ service: data.service });
  const { work = { component: data.component, lastBegun: lastBegun() }, inFlight, questions } = suspect ?? {};
  if (suspect) void evaluate(`${hook}.ending()`);
  logger.fatal({ ...limit, ...work, inFlight, questions }, sentence);
  if (suspect && (suspect.result || suspect.replies.length > 0)) await answer(suspect, logger);
  // The signal does not end the first process of a container, the exit only what can be interrupted.
  void evaluate(`${hook}.end(${exitCode})`);
  if (!suspect) process.kill(process.pid, 'SIGKILL');
  await pause(ackMs);
  // The main thread does not exit before.
  session?.disconnect();
  for (;;) {
    await pause(answerMs);
    process.kill(process.pid, 'SIGKILL');
  }
}

/** What the main thread wrote down of it. */
function lastBegun(): string {
  const text = Buffer.from(data.begun);
  return text.toString('latin1', 1, 1 + (text[0] ?? 0));
}

async function answer({ result, replies }: Suspect, logger: Logger): Promise<void> {
  try {
    const { createPublisher, openSession } = await import('@millrace/amqp');
    const topology = { exchanges: [], queues: [], bindings: [] };
    const session = openSession({ url: data.amqpUrl, name: `${data.service}:watchdog`, topology, logger });
    const publisher = createPublisher(session, { logger });
    const publish = (
      { body, ...word }: LastWord,
      whether: { persistent: boolean; mandatory: boolean },
    ): Promise<void> =>
      publisher.publish(
        { exchange: '', ...word, ...whether, contentType: 'application/json', body: Buffer.from(body) },
        { timeoutMs: publishMs },
      );
    // Nobody may wait for them any more.
    const replied = Promise.allSettled(replies.map((reply) => publish(reply, { persistent: false, mandatory: false })));
    if (result) {
      await publish(result, { persistent: true, mandatory: true });
      await evaluate(`${hook}.acknowledge(${JSON.stringify(result.messageId)})`);
      await pause(ackMs);
    }
    await replied;
  } catch (error) {
    logger.error({ err: error }, 'the failure of the step could not be published, it comes again');
  }
}

/** `undefined` when the main thread does not answer in time. */
async function evaluate<T>(expression: string): Promise<T | undefined> {
  const answer: { result?: { value?: T } } | undefined = await post('Runtime.evaluate', {
    expression,
    returnByValue: true,
  });
  return answer?.result?.value;
}

function post(method: string, parameters: object = {}, timeoutMs = answerMs): Promise<object | undefined> {
  if (!session) {
    session = new Session();
    session.connectToMainThread();
  }
  const asked = session;
  const answered = new Promise<object | undefined>((resolve) => {
    asked.post(method, parameters, (error: Error | null, result?: object) => resolve(error ? undefined : result));
  });
  return Promise.race([answered, pause(timeoutMs, undefined)]);
}
