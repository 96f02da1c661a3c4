import { defineComponent, trigger } from '@millrace/component-sdk';
import type { Json } from '@millrace/contracts';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createTestHost } from './test-host.js';

const letters = z.object({ what: z.unknown(), fail: z.boolean().default(false) });
const component = defineComponent({
  name: 'counter',
  title: 'Counter',
  version: '1.0.0',
  triggers: {
    count: trigger.polling({
      title: 'Count',
      output: z.object({ at: z.string(), before: z.number().optional() }),
      snapshot: z.object({ count: z.number().int() }),
      async *run({ input, snapshot, saveSnapshot }) {
        const before = snapshot?.count ?? 0;
        for (let count = before + 1; count <= before + 2; count += 1) {
          yield { at: input.scheduledAt, before: count };
          saveSnapshot({ count });
        }
      },
    }),
    keep: trigger.polling({
      title: 'Keep what it is told',
      config: letters,
      output: z.unknown(),
      run: ({ config, snapshot, saveSnapshot }) => {
        saveSnapshot(config.what as Json);
        if (config.fail) throw new Error('failed after it was saved');
        return snapshot;
      },
    }),
    quiet: trigger.polling({ title: 'Does nothing', output: z.unknown(), run: () => undefined }),
    strict: trigger.polling({
      title: 'Saves what does not fit',
      output: z.unknown(),
      snapshot: z.object({ count: z.number().max(10) }),
      run: ({ saveSnapshot }) => saveSnapshot({ count: 11 }),
    }),
  },
});

const host = createTestHost(component);
afterAll(() => host.close());
const input = { scheduledAt: '2026-01-01T00:00:00.000Z' };
const outcomeOf = async (operation: string, step: { snapshot?: Json; what?: unknown; fail?: boolean } = {}) => {
  const { snapshot, ...config } = step;
  const { outcome } = await host.run(operation, {
    input,
    config: config as never,
    ...(snapshot !== undefined && { snapshot }),
  });
  return outcome;
};

describe('the snapshot of a polling trigger', () => {
  it('is given to the next poll, and the last one saved counts', async () => {
    const first = await outcomeOf('count');
    expect(first).toEqual({
      kind: 'succeeded',
      outputs: [
        { at: input.scheduledAt, before: 1 },
        { at: input.scheduledAt, before: 2 },
      ],
      snapshot: { count: 2 },
    });
    expect(await outcomeOf('count', { snapshot: { count: 2 } })).toMatchObject({ snapshot: { count: 4 } });
  });

  it('may be any JSON when it has no schema, null included', async () => {
    expect(await outcomeOf('keep', { snapshot: ['a'], what: null })).toEqual({
      kind: 'succeeded',
      outputs: [['a']],
      snapshot: null,
    });
  });

  it('is not in the result of a poll that saved none, nor of one that failed', async () => {
    expect(await outcomeOf('quiet')).toEqual({ kind: 'succeeded', outputs: [] });
    expect(await outcomeOf('keep', { what: 1, fail: true })).not.toHaveProperty('snapshot');
  });

  it('ends the poll for good when it is larger than 256 KiB, with both sizes', async () => {
    expect(await outcomeOf('keep', { what: 'x'.repeat(256 * 1024 - 2) })).toMatchObject({ kind: 'succeeded' });
    for (const what of ['x'.repeat(256 * 1024 - 1), 'ü'.repeat(200 * 1024)]) {
      expect(await outcomeOf('keep', { what })).toMatchObject({
        error: {
          code: 'snapshot_too_large',
          message: expect.stringMatching(/at least \d+ bytes, and 262144 are allowed/) as string,
          detail: { maxBytes: 262_144 },
        },
        retry: { kind: 'never' },
      });
    }
  });

  it('ends the poll when it is no JSON, or does not fit the schema', async () => {
    expect(await outcomeOf('keep', { what: { at: new Map() } })).toMatchObject({
      error: { code: 'snapshot_not_json', message: 'The snapshot is not JSON: /at is a Map' },
    });
    expect(await outcomeOf('strict')).toMatchObject({
      error: { code: 'invalid_snapshot', message: expect.stringContaining('/count') as string },
    });
  });

  it('that was kept and does not fit any more is told with the remedy', async () => {
    expect(await outcomeOf('count', { snapshot: { count: 'many' } })).toMatchObject({
      error: { code: 'invalid_snapshot', message: expect.stringContaining('/snapshot/reset') as string },
      retry: { kind: 'never' },
    });
  });
});
