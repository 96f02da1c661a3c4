import type { Json } from '@millrace/contracts';
import type { CompiledMapping, MappingContext } from '@millrace/mapping';

/** What expressions read, and what makes the evaluation repeatable. */
export interface SandboxContext extends MappingContext {
  /**
   * Names the step run, as `runId:stepId:path`. `$uuid()`, `$random()` and `$shuffle()` follow from it, so that a
   * redelivered message is mapped to the same input.
   */
  seed: string;
  /** The moment that `$now()` and `$millis()` give, in milliseconds; the same on redelivery. */
  now: number;
}

/** Why an expression has no value. It holds no data of the run, but for what the expression says with `$error`. */
export interface MappingError {
  /** JSON pointer into the mapping (RFC 6901). */
  pointer: string;
  expression: string;
  /** Place in the expression, 0-based; 0 where the expression as a whole is at fault. */
  position: number;
  /**
   * JSONata's code, such as `T2001`, or one of `time_exceeded`, `memory_exceeded`, `recursion_too_deep`,
   * `result_too_large`, `result_too_deep`, `not_data`, `invalid_argument`, `expression_failed`, `sandbox_ended`.
   */
  code: string;
  message: string;
  /** Names and types of the previous step's output, two levels deep; no values. */
  inputShape: string;
}

export type MappingOutcome = { ok: true; value: Json | undefined } | { ok: false; errors: MappingError[] };

/** No process can be started, or the pool is closed: the same evaluation may succeed later, or elsewhere. */
export class SandboxUnavailableError extends Error {
  override readonly name = 'SandboxUnavailableError';
}

export interface MappingPool {
  /**
   * Evaluates a mapping of any kind. What an expression does wrong is in the outcome; it rejects only where no sandbox
   * process can be started, or when the pool is closed: with a `SandboxUnavailableError`.
   */
  evaluate(mapping: CompiledMapping, context: SandboxContext): Promise<MappingOutcome>;
  /** Waits for what was begun, then ends every process. */
  close(): Promise<void>;
}

export interface MappingPoolOptions {
  /**
   * How many processes there are at most; by default as many as processors, at least 2 and at most 4. There is one more
   * while expressions wait that exceeded time or memory before.
   */
  maxProcesses?: number;
  /** For the expressions of one mapping together; 1 s by default. */
  timeLimitMs?: number;
  /** Heap of a process; 128 MB by default. */
  memoryLimitMb?: number;
  /** Of what the expressions of one mapping give, as JSON; 5 MB by default. */
  maxResultBytes?: number;
  /** How deep a result may be nested; 100 by default. */
  maxResultDepth?: number;
  /** After which time without work a process ends; 30 s by default. */
  idleMs?: number;
}
