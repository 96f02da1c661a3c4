import { createTestHost } from '@millrace/component-runtime';
import { descriptorOf, type JsonObject } from '@millrace/component-sdk';
import { afterAll, describe, expect, it } from 'vitest';
import { webhook } from './webhook.js';

const host = createTestHost(webhook);
afterAll(() => host.close());

const outcomeOf = async (config: JsonObject): Promise<unknown> =>
  (await host.run('wait', { input: {}, config })).outcome;

describe('the action wait', () => {
  it('waits a day for one call and fails without, unless it is set otherwise', async () => {
    const wait = { timeoutMs: 86_400_000, onTimeout: 'fail', uses: 'once', maxCalls: 1 };
    expect(await outcomeOf({})).toEqual({ kind: 'waiting', wait });
    const repeated = { timeoutSeconds: 2_592_000, onTimeout: 'continue', uses: 'repeated', maxCalls: 7 };
    expect(await outcomeOf(repeated)).toEqual({
      kind: 'waiting',
      wait: { timeoutMs: 2_592_000_000, onTimeout: 'continue', uses: 'repeated', maxCalls: 7 },
    });
    expect(await outcomeOf({ uses: 'repeated' })).toMatchObject({ wait: { maxCalls: 100 } });
  });

  it.each([
    { timeoutSeconds: 0 },
    { timeoutSeconds: 2_592_001 },
    { maxCalls: 1_001 },
    { onTimeout: 'stop' },
    { authentication: 'none' },
    { timeout: 1 },
  ])('refuses %j', async (config) => {
    expect(await outcomeOf(config)).toMatchObject({ kind: 'failed', error: { code: 'invalid_config' } });
  });

  it('explains every setting and every part of its output', () => {
    const operation = descriptorOf(webhook).operations.find(({ name }) => name === 'wait')!;
    for (const { properties } of [operation.config, operation.output] as { properties: Record<string, JsonObject> }[]) {
      expect(Object.keys(properties).length).toBeGreaterThan(4);
      expect(Object.values(properties).filter(({ description }) => !description)).toEqual([]);
    }
  });
});
