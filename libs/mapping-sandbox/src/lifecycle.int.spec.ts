import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compileMapping } from '@millrace/mapping';
import { childProcesses } from './children.fixture.js';
import { createMappingPool, type MappingPool, type SandboxContext } from './index.js';

const context: SandboxContext = {
  output: { n: 1 },
  steps: {},
  request: undefined,
  run: {},
  seed: 'run:step_2:0',
  now: 0,
};
const full = compileMapping('n + 1').compiled;
const plain = compileMapping('n').compiled;
const endless = compileMapping('($f := function($x) { $f($x) }; $f(1))').compiled;

let pool: MappingPool;
let before: number[];
const started = (): number[] => childProcesses().filter((id) => !before.includes(id));

beforeEach(() => {
  before = childProcesses();
});
afterEach(async () => {
  await pool.close();
  expect(started()).toEqual([]);
});

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !holds(); tries += 1) await sleep(10);
  expect(holds()).toBe(true);
}

describe('the processes of a pool', () => {
  it('start with the first evaluation that needs one', async () => {
    pool = createMappingPool({ maxProcesses: 2 });
    expect(await pool.evaluate(plain, context)).toEqual({ ok: true, value: 1 });
    expect(started()).toEqual([]);
    expect(await pool.evaluate(full, context)).toEqual({ ok: true, value: 2 });
    expect(started()).toHaveLength(1);
    await Promise.all(Array.from({ length: 200 }, () => pool.evaluate(full, context)));
    await Promise.all([pool.evaluate(full, context), sleep(1).then(() => pool.evaluate(full, context))]);
    expect(started().length).toBeLessThanOrEqual(2);
  });

  it('end when there is nothing to do, and start again', async () => {
    pool = createMappingPool({ idleMs: 100 });
    await pool.evaluate(full, context);
    await until(() => started().length === 0);
    expect(await pool.evaluate(full, context)).toEqual({ ok: true, value: 2 });
  });

  it('are replaced when something else kills them, and no evaluation is lost', async () => {
    pool = createMappingPool({ maxProcesses: 1 });
    await pool.evaluate(full, context);
    const all = Promise.all(Array.from({ length: 300 }, () => pool.evaluate(full, context)));
    await sleep(0);
    for (const id of started()) process.kill(id, 'SIGKILL');
    expect((await all).every((outcome) => outcome.ok && outcome.value === 2)).toBe(true);
  });

  it('know nothing of the environment of this one', async () => {
    pool = createMappingPool({ maxProcesses: 1 });
    await pool.evaluate(full, context);
    const { readFileSync } = await import('node:fs');
    for (const id of started()) expect(readFileSync(`/proc/${id}/environ`, 'utf8')).toBe('TZ=UTC\0');
  });
});

describe('closing a pool', () => {
  it('lets everything end that was begun', async () => {
    pool = createMappingPool({ maxProcesses: 1, timeLimitMs: 200 });
    const good = Array.from({ length: 100 }, () => pool.evaluate(full, context));
    const hostile = pool.evaluate(endless, context);
    await pool.close();
    expect((await Promise.all(good)).every(({ ok }) => ok)).toBe(true);
    expect(await hostile).toMatchObject({ ok: false, errors: [{ code: 'time_exceeded' }] });
    expect(started()).toEqual([]);
    await expect(pool.evaluate(full, context)).rejects.toThrow(/closed/);
  });

  it('needs nothing when nothing was begun, and may be repeated', async () => {
    pool = createMappingPool();
    await Promise.all([pool.close(), pool.close()]);
  });
});
