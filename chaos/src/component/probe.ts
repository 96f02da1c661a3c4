import { action, defineComponent } from '@millrace/component-sdk';
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

/** A component as any author writes one: what the others do not offer, and effects that a target can count. */
export const probe = defineComponent({
  name: 'probe',
  title: 'Probe',
  version: '1.0.0',
  settings,
  actions: { record, split },
});
