import { z } from 'zod';
import { collectingOutcomeSchema, type CollectingOutcome } from './collecting.js';
import { decodeJson, type Decoded } from './decode.js';
import type { Json } from './json.js';
import { carrySchema, stepAddressSchema, type Carry, type StepAddress } from './step-message.js';
import { maxWaitCalls, maxWaitMs } from './wait-limits.js';

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

export type StepOutcome = EndedOutcome | WaitingOutcome | CollectingOutcome;

export type EndedOutcome =
  | { kind: 'succeeded'; outputs: Json[]; snapshot?: Json }
  | { kind: 'failed'; error: StepError; retry: RetryAdvice };

/** The step has not ended: it waits in Postgres until its resume URL is called, or its time is over. */
export interface WaitingOutcome {
  kind: 'waiting';
  wait: ResumeWait;
}

/** How a step waits for a call of its resume URL. What it answers first counts; it is asked again after faults. */
export interface ResumeWait {
  timeoutMs: number;
  /** What becomes of it when nobody called in time. */
  onTimeout: 'fail' | 'continue';
  /** `once`: the first call ends the step with one output; `repeated`: each call emits one at once. */
  uses: 'once' | 'repeated';
  /** After so many calls a `repeated` one ends. */
  maxCalls: number;
}

/** Which output of a step this is that emits one by one: the steps below it run for each. */
export interface Emission {
  /** How many there were before. */
  index: number;
  /** The step ends with it. Its result may then have no output of its own. */
  last: boolean;
}

/** Component → orchestrator, on `results`: what became of one attempt. */
export interface ResultMessage extends StepAddress {
  outcome: StepOutcome;
  /** Only of a step that emits its outputs one by one, as one that waits for repeated calls. */
  emission?: Emission;
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

const resumeWait = z.object({
  timeoutMs: z.number().positive().max(maxWaitMs),
  onTimeout: z.enum(['fail', 'continue']),
  uses: z.enum(['once', 'repeated']),
  maxCalls: z.int().positive().max(maxWaitCalls),
});

const resultMessageSchema = stepAddressSchema.extend({
  outcome: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('succeeded'), outputs: z.array(z.unknown()), snapshot: z.unknown().optional() }),
    z.object({
      kind: z.literal('failed'),
      error: z.object({ code: z.string(), message: z.string(), detail: z.unknown() }),
      retry: retryAdvice,
    }),
    z.object({ kind: z.literal('waiting'), wait: resumeWait }),
    collectingOutcomeSchema,
  ]),
  emission: z.object({ index: z.int().nonnegative(), last: z.boolean() }).optional(),
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
