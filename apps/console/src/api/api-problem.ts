import type { Problem } from './schema.generated.js';

/** The fault of one field, as the control plane names it. */
export type FieldProblem = NonNullable<Problem['problems']>[number];

/** What the control plane refused or could not do, or that it could not be reached. Whatever a query or mutation throws is one. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  /** Stable; branch on it. `unreachable` when no answer came. */
  readonly code: string;
  /** 0 when no answer came. */
  readonly status: number;
  /** What is wrong this time and what helps. */
  readonly detail: string | undefined;
  /** To look the call up in the log of the control plane. */
  readonly requestId: string | undefined;
  readonly problems: readonly FieldProblem[];
  readonly retryAfterSeconds: number | undefined;

  constructor(fields: {
    code: string;
    title: string;
    status: number;
    detail?: string | undefined;
    requestId?: string | undefined;
    problems?: readonly FieldProblem[] | undefined;
    retryAfterSeconds?: number | undefined;
    cause?: unknown;
  }) {
    super(fields.title, { cause: fields.cause });
    this.code = fields.code;
    this.status = fields.status;
    this.detail = fields.detail;
    this.requestId = fields.requestId;
    this.problems = fields.problems ?? [];
    this.retryAfterSeconds = fields.retryAfterSeconds;
  }

  /** Whether the same call may well succeed a little later. */
  get passes(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

/** The problem that an answer holds. Answers that are none of ours, of a proxy for instance, become one by their status. */
export function problemOfAnswer(answer: Response, body: unknown): ApiProblem {
  const given = (typeof body === 'object' && body !== null ? body : {}) as Partial<Problem>;
  const retryAfter = Number(answer.headers.get('retry-after') ?? Number.NaN);
  return new ApiProblem({
    code: given.code ?? 'unknown',
    title: given.title ?? `The answer was ${answer.status} ${answer.statusText}`.trim(),
    status: answer.status,
    detail: given.detail,
    requestId: given.requestId ?? answer.headers.get('x-request-id') ?? undefined,
    problems: given.problems,
    retryAfterSeconds: Number.isFinite(retryAfter) ? retryAfter : undefined,
  });
}

/** The problem that stands for anything that was thrown. */
export function asApiProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  return new ApiProblem({
    code: 'internal',
    title: error instanceof Error ? error.message : String(error),
    status: -1,
    cause: error,
  });
}
