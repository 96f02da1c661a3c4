import { action, defineComponent, trigger } from '@millrace/component-sdk';
import { z } from 'zod';

const settings = z.object({
  CHAOS_TARGET_URL: z.url().describe('where effects are counted'),
});

const record = action({
  title: 'Record an effect',
  description: 'Tells the target that this step had its effect, with the idempotency key of the step run.',
  needsCredential: false,
  settings,
  input: z.object({
    value: z.json().optional().describe('what the target shall have seen'),
    failures: z.int().min(0).optional().describe('how often the target refuses before it takes the effect'),
    refused: z.boolean().optional().describe('whether the target refuses for good'),
  }),
  output: z.object({ value: z.json() }),
  idempotency: 'key',
  run: async ({ input, settings, http, idempotencyKey }) => {
    await http.post(`${settings.CHAOS_TARGET_URL}/effects`, {
      headers: { 'idempotency-key': idempotencyKey },
      json: input,
    });
    return { value: input.value ?? null };
  },
});

const split = action({
  title: 'Split',
  description: 'Emits as many outputs as it is told to, or none.',
  needsCredential: false,
  input: z.object({ count: z.int().min(0).max(1_000) }),
  output: z.object({ part: z.int() }),
  idempotency: 'natural',
  run: async function* ({ input }) {
    for (let part = 0; part < input.count; part += 1) yield { part };
  },
});

/** Every third poll finds nothing. */
const empty = 3;
const polls = z.object({ count: z.int(), empty: z.array(z.object({ scheduledAt: z.string(), firedAt: z.string() })) });

const ticks = trigger.polling({
  title: 'Ticks',
  description: 'Counts its polls in its snapshot. Some find nothing; the next one tells of them.',
  needsCredential: false,
  output: polls.extend({ scheduledAt: z.string(), firedAt: z.string() }),
  snapshot: polls,
  async *run({ input: { scheduledAt }, snapshot, saveSnapshot }) {
    const before = snapshot ?? { count: 0, empty: [] };
    const count = before.count + 1;
    const tick = { scheduledAt, firedAt: new Date().toISOString() };
    if (count % empty === 0) {
      saveSnapshot({ count, empty: [...before.empty, tick] });
      return;
    }
    saveSnapshot({ count, empty: [] });
    yield { ...tick, count, empty: before.empty };
  },
});

/** A component as any author writes one: what the others do not offer, and effects that a target can count. */
export const probe = defineComponent({
  name: 'probe',
  title: 'Probe',
  version: '1.0.0',
  settings,
  actions: { record, split },
  triggers: { ticks },
});
