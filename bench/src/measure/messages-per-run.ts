import { setTimeout as sleep } from 'node:timers/promises';
import { fullLoad } from '../load/full-load.js';
import type { PreparedSide } from '../sides/side.js';
import type { PetTarget } from '../target/start-target.js';
import { untilRunsFinished } from './database.js';
import { startMessageCounter } from './message-counter.js';

const amount = 400;
const connections = 8;
const timeoutMs = 60_000;
/** Announcements at the start are no part of a run. */
const quietMs = 500;

/** Runs a side with a counter between it and the broker, for some hundred runs. Resolves with publishes per run. */
export async function messagesPerRun(side: PreparedSide, amqpUrl: string, target: PetTarget): Promise<number> {
  const counter = await startMessageCounter(amqpUrl);
  try {
    const running = await side.start(counter.amqpUrl);
    try {
      await sleep(quietMs);
      const since = new Date();
      const before = counter.published();
      const watch = target.watch(amount);
      await Promise.all([
        fullLoad({ url: running.hookUrl, phase: watch.phase, amount, connections }),
        watch.all(timeoutMs),
      ]);
      await untilRunsFinished(side.databaseUrl, since, timeoutMs);
      return (counter.published() - before) / amount;
    } catch (error) {
      throw new Error(`Counting the messages of ${side.name} failed.\n${running.logTail()}`, { cause: error });
    } finally {
      await running.stop();
    }
  } finally {
    await counter.close();
  }
}
