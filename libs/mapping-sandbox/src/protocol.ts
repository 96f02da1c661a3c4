import type { Json } from '@millrace/contracts';

/** What a sandbox process is started with, as JSON in its first argument. */
export interface ProcessLimits {
  /** For one expression by JSONata itself; the process ends a little later for what that does not stop. */
  timeLimitMs: number;
  maxResultBytes: number;
  maxResultDepth: number;
}

/** One line to the process: the expressions of one mapping and the part of the context that they read. */
export interface EvaluationRequest {
  leaves: { pointer: string; source: string }[];
  output?: Json;
  steps?: Record<string, Json>;
  request?: Json;
  run?: Json;
  /** Made outside: the key that signs them never comes here. */
  resumeUrls?: Record<string, string> | string;
  seed: string;
  now: number;
  /** Tell on descriptor 3 which leaf is being evaluated: the process is expected to crash. */
  traced?: boolean;
}

/** One line from the process: for each leaf its value, nothing, or why it has none. */
export type EvaluationAnswer = LeafAnswer[];

export interface LeafAnswer {
  value?: Json;
  fault?: LeafFault;
}

export interface LeafFault {
  code: string;
  message: string;
  position: number;
}
