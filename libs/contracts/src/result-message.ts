import { z } from 'zod';
import { decodeJson, type Decoded } from './decode.js';
import type { Json } from './json.js';
import { carrySchema, stepAddressSchema, type Carry, type StepAddress } from './step-message.js';

/** Why a step run failed, in words a person can act on. Never holds a secret. */
export interface StepError {
  code: string;
  message: string;
  detail: Json;
}

export interface LogEntry {
  /** Milliseconds since the epoch. */
  time: number;
  level: 'debug' | 'info' | 'warn' | 'error';
  message: string;
  fields?: Json;
}

/** `never`: another attempt cannot help. `policy`: the step's retry policy decides. */
export type RetryAdvice = { kind: 'never' } | { kind: 'policy' } | { kind: 'after'; afterMs: number };

export type StepOutcome =
  | { kind: 'succeeded'; outputs: Json[]; snapshot?: Json }
  | { kind: 'failed'; error: StepError; retry: RetryAdvice };

/** Component → orchestrator, on `results`: what became of one attempt. */
export interface ResultMessage extends StepAddress {
  outcome: StepOutcome;
  logs: LogEntry[];
  component: { name: string; version: string };
  /** Milliseconds since the epoch, by the component's clock. */
  startedAt: number;
  finishedAt: number;
  carry: Carry;
}

const retryAdvice = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('never') }),
  z.object({ kind: z.literal('policy') }),
  z.object({ kind: z.literal('after'), afterMs: z.number().nonnegative() }),
]);

const resultMessageSchema = stepAddressSchema.extend({
  outcome: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('succeeded'), outputs: z.array(z.unknown()), snapshot: z.unknown().optional() }),
    z.object({
      kind: z.literal('failed'),
      error: z.object({ code: z.string(), message: z.string(), detail: z.unknown() }),
      retry: retryAdvice,
    }),
  ]),
  logs: z.array(
    z.object({
      time: z.number(),
      level: z.enum(['debug', 'info', 'warn', 'error']),
      message: z.string(),
      fields: z.unknown().optional(),
    }),
  ),
  component: z.object({ name: z.string(), version: z.string() }),
  startedAt: z.number(),
  finishedAt: z.number(),
  carry: carrySchema,
});

export function encodeResultMessage(message: ResultMessage): Buffer {
  return Buffer.from(JSON.stringify(message));
}

/** Reads a result message; the reason of a refusal names the field that is wrong. */
export function decodeResultMessage(body: Buffer): Decoded<ResultMessage> {
  return decodeJson<ResultMessage>(body, resultMessageSchema, 'result message');
}
