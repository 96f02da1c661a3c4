/*
 * A step that kills its process each time, among many that do not: processes are started again until every step has its
 * result.
 */
import { action, defineComponent } from '@millrace/component-sdk';
import { useVhost } from '@millrace/testing';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { stepOf, surround } from '../test/hosted.js';

const CHILD = fileURLToPath(new URL('crash-child.fixture.mjs', import.meta.url));
const vhost = useVhost();

/** The same name as in the child; only messages are made with it here. */
const anything = { input: z.unknown(), output: z.unknown() };
const fragile = defineComponent({
  name: 'fragile',
  title: 'Fragile',
  version: '1.0.0',
  actions: { work: action({ ...anything, title: 'Work', run: () => null }) },
});

/** Runs one process until it has killed itself or there is nothing left to wait for. */
async function runUntil(settled: () => boolean): Promise<void> {
  const child = spawn(process.execPath, [CHILD, vhost.amqpUrl], { stdio: ['ignore', 'ignore', 'inherit'] });
  const watch = setInterval(() => {
    if (settled()) child.kill('SIGKILL');
  }, 50);
  await once(child, 'exit');
  clearInterval(watch);
}

describe('a step that kills its process', () => {
  it('is told as crashed in the end, and all of its neighbours succeed', async () => {
    const around = await surround(vhost.amqpUrl, fragile);
    const killer = stepOf(fragile, 'kill');
    const work = Array.from({ length: 12 }, () => stepOf(fragile, 'work'));
    for (const step of [...work.slice(0, 6), killer, ...work.slice(6)]) await around.sendStep(step);
    const settled = (): boolean => new Set(around.results.map(({ runId }) => runId)).size === 13;
    let processes = 0;
    for (; !settled() && processes < 15; processes += 1) await runUntil(settled);
    const failed = around.results.filter(({ outcome }) => outcome.kind === 'failed');
    expect(failed).toMatchObject([{ runId: killer.runId, outcome: { error: { code: 'component_crashed' } } }]);
    expect(settled()).toBe(true);
    // Eight that died, and the one that said so.
    expect(processes).toBe(9);
    await around.close();
  }, 90_000);
});
