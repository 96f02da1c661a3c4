/*
 * Kills a process between each two durable acts: each has a name in `crashPoints`, and each is tried here with all of
 * Millrace running. The process is told to kill itself there, gets what leads it there, must die of it, and is
 * started again. Then every accepted request has one run that ended, counted exactly, every effect happened, and twice only
 * in a run that was under way at the kill; no queue holds anything and nothing is parked that should not be.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crashPoints, type CrashPoint } from '@millrace/contracts';
import { eventually } from '@millrace/testing';
import { expectBalance, expectEffects, expectEmptyQueues, runsSince } from './crash-points/balance.js';
import { Accepted } from './crash-points/requests.js';
import { scenarios } from './crash-points/scenarios.js';
import { makeWorld, type World } from './crash-points/world.js';

const diesWithinMs = 30_000;
const sentAfterwards = 3;

let world: World;
/** Runs that were under way when a process was killed. */
const cut = new Set<string>();
beforeAll(async () => {
  world = await makeWorld();
});
afterAll(() => world?.stop());

describe('a process that is killed', () => {
  it.each(Object.keys(crashPoints) as CrashPoint[])('at %s loses nothing and repeats nothing else', async (point) => {
    const { service: name, times = 1, provoke, after } = scenarios[point];
    const service = world.service(name);
    const accepted = new Accepted();
    const before = new Date();

    const died = new AbortController();
    let signal: string | null | undefined;
    const forget = service.onCrash((exit) => {
      signal = exit.signal;
      died.abort();
    });
    await world.crashAt(name, `${point}:${times}`);
    const provoking = provoke(world, accepted, died.signal);
    await eventually(() => expect(signal, `${name} did not come to ${point}`).toBe('SIGKILL'), {
      timeoutMs: diesWithinMs,
    }).finally(() => died.abort());
    forget();
    expect(service.lines.at(-1)).toBe(`killed at the crash point ${point}`);

    await world.crashAt(name, '');
    await service.start();
    await service.waitHealthy();
    await provoking;
    await after?.(world, accepted);
    await expectBalance(world, accepted);
    for (const id of await runsSince(world, before)) cut.add(id);

    const fresh = new Accepted();
    for (let number = 0; number < sentAfterwards; number += 1) {
      expect(await fresh.send(world.flows.plain.webhookUrl, {})).toBe(true);
    }
    await expectBalance(world, fresh);
    await expectEffects(world, [...accepted.ids, ...fresh.ids], cut);
  });

  it('leaves nothing behind in the broker', () => expectEmptyQueues(world));
});
