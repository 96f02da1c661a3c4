import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import type { PetWatch } from '../target/start-target.js';
import { requestBody } from './pet.js';

const headers = { 'content-type': 'application/json' };
const storedWithinMs = 10_000;
const tickMs = 2;

export interface PacedLoad {
  readonly url: string;
  readonly watch: PetWatch;
  readonly count: number;
}

/** One request at a time: the next one is sent a pause after the pet of the last one is stored. Returns answer times. */
export async function oneByOne({ url, watch, count }: PacedLoad, pauseMs: number): Promise<number[]> {
  const answersMs: number[] = [];
  const sender = openSender(url);
  for (let sequence = 0; sequence < count; sequence += 1) {
    const stored = watch.one(sequence, storedWithinMs);
    answersMs.push(await sender.send(requestBody(watch.phase, sequence)));
    await stored;
    await sleep(pauseMs);
  }
  await sender.close();
  return answersMs;
}

/** A steady number of requests per second, sent whether or not earlier ones are answered. Returns answer times. */
export async function steady({ url, watch, count }: PacedLoad, perSecond: number): Promise<number[]> {
  const answers: Promise<number>[] = [];
  const sender = openSender(url);
  const startedAt = performance.now();
  while (answers.length < count) {
    const due = Math.min(count, Math.ceil(((performance.now() - startedAt) / 1000) * perSecond));
    while (answers.length < due) answers.push(sender.send(requestBody(watch.phase, answers.length)));
    await sleep(tickMs);
  }
  const answersMs = await Promise.all(answers);
  await sender.close();
  return answersMs;
}

interface Sender {
  /** Resolves with the milliseconds until the answer was there. @throws Error when it is not 2xx. */
  send(body: string): Promise<number>;
  close(): Promise<void>;
}

function openSender(url: string): Sender {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: 64 });
  return {
    async send(body) {
      const startedAt = performance.now();
      const answer = await pool.request({ method: 'POST', path: pathname, headers, body });
      const text = await answer.body.text();
      if (answer.statusCode >= 300) throw new Error(`POST ${url} was answered ${answer.statusCode}: ${text}`);
      return performance.now() - startedAt;
    },
    close: () => pool.close(),
  };
}
