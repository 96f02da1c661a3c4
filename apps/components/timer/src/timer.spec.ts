import { createTestHost } from '@millrace/component-runtime';
import { descriptorOf } from '@millrace/component-sdk';
import { afterAll, expect, it } from 'vitest';
import { timer } from './timer.js';

const host = createTestHost(timer);
afterAll(() => host.close());

it('a tick tells for which time it was planned, and when it came', async () => {
  const scheduledAt = '2026-01-01T00:00:00.000Z';
  const before = Date.now();
  const { outcome } = await host.run('tick', { input: { scheduledAt } });
  expect(outcome).toEqual({
    kind: 'succeeded',
    outputs: [{ scheduledAt, firedAt: expect.stringMatching(/^\d{4}-.*Z$/) as string }],
  });
  const { firedAt } = (outcome as unknown as { outputs: [{ firedAt: string }] }).outputs[0];
  expect(Date.parse(firedAt)).toBeGreaterThanOrEqual(before);
});

it('it needs neither credential nor configuration', () => {
  expect(descriptorOf(timer)).toMatchObject({
    credentials: null,
    operations: [{ name: 'tick', triggerType: 'polling', config: { properties: {}, additionalProperties: false } }],
  });
});
