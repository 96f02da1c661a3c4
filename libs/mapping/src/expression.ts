import type { Json } from '@millrace/contracts';

/** One step of a path: a field name, then indexes into what it holds. */
export interface PathStep {
  /** `null` only for the first step: the variable itself, with indexes. */
  field: string | null;
  indexes: number[];
}

/** Where a path begins: at a field of the previous step's output, at that output itself (`$`), or at a variable. */
export type PathRoot = 'field' | 'output' | 'steps' | 'request' | 'run';

/** An expression that is evaluated in-process, without any sandbox. */
export type PlainExpression = { kind: 'literal'; value: Json } | { kind: 'path'; root: PathRoot; steps: PathStep[] };

/** An expression of the whole language. It is evaluated under limits, in a process of its own. */
export interface FullExpression {
  kind: 'full';
  source: string;
  reads: ExpressionReads;
}

export type Expression = PlainExpression | FullExpression;

/** What a full expression may read; never less than what it does read. */
export interface ExpressionReads {
  output: boolean;
  request: boolean;
  run: boolean;
  steps: string[];
  /** `$steps` as a whole, or in a way that only its evaluation tells. */
  allSteps: boolean;
  /** Steps whose resume URLs it asks for by name. */
  resumeSteps: string[];
  /** It may ask for resume URLs of steps that only its evaluation tells. */
  anyResumeStep: boolean;
}

/** Why an expression cannot be used, with the place in it (0-based). */
export interface ExpressionFault {
  message: string;
  position: number;
  /** JSONata's code of a syntax error, such as `S0202`, or `unknown_variable`. */
  code?: string;
}

export type ParsedExpression = { ok: true; expression: Expression } | { ok: false; fault: ExpressionFault };

/** What expressions read. */
export interface MappingContext {
  /** The previous step's output. */
  output: Json | undefined;
  /** `$steps`: outputs of earlier steps by id. */
  steps: Record<string, Json>;
  /** `$request`: method, path, query and headers of the webhook request. */
  request: Json | undefined;
  /** `$run`: ids and times of the run. */
  run: Json;
  /** What `$resumeUrl(step)` gives: URLs by step id, or one that stands for all. */
  resumeUrls?: Record<string, string> | string | undefined;
}
