import { fieldProblems, type FieldProblem, type SchemaIssue } from '@millrace/process';
import type { Json } from '@millrace/contracts';

/** One kind of problem: its HTTP status and the title that never changes for its code. */
export interface ProblemDefinition {
  status: number;
  title: string;
}

export type ProblemTable = Readonly<Record<string, ProblemDefinition>>;

/** The problems that every HTTP app can answer. Codes are public: clients branch on them. */
export const commonProblems = {
  invalid_json: { status: 400, title: 'The body is not valid JSON' },
  invalid_request: { status: 400, title: 'The request is not valid' },
  unauthorized: { status: 401, title: 'Sign in first' },
  forbidden: { status: 403, title: 'This is not allowed' },
  not_found: { status: 404, title: 'There is nothing here' },
  method_not_allowed: { status: 405, title: 'This method is not allowed here' },
  conflict: { status: 409, title: 'The request does not fit the present state' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'This content type is not supported' },
  validation_failed: { status: 422, title: 'Some fields are not valid' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  internal_error: { status: 500, title: 'Something went wrong on our side' },
  unavailable: { status: 503, title: 'The service cannot do this at the moment' },
} as const satisfies ProblemTable;

export type CommonProblemCode = keyof typeof commonProblems;

export interface ProblemOptions {
  /** What is wrong this time, for a person. Shown to the caller: never a secret, never internals. */
  detail?: string | undefined;
  /** Further members of the answer, such as `problems`. */
  extra?: Readonly<Record<string, Json>> | undefined;
  /** Headers of the answer, such as `retry-after`. */
  headers?: Readonly<Record<string, string>> | undefined;
}

/** An answer as problem details (RFC 9457). Throw it anywhere in the handling of a request. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly detail: string | undefined;
  readonly extra: Readonly<Record<string, Json>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    options: ProblemOptions = {},
  ) {
    super(options.detail ?? title);
    this.detail = options.detail;
    this.extra = options.extra ?? {};
    this.headers = options.headers ?? {};
  }
}

/**
 * Makes the `problem(code, options)` function of an app: it knows the common codes and those of the app's own table.
 * An own entry with a common code takes its place.
 */
export function problemsOf<Own extends ProblemTable>(
  own: Own,
): (code: CommonProblemCode | (keyof Own & string), options?: ProblemOptions) => ProblemError {
  const table: ProblemTable = { ...commonProblems, ...own };
  return (code, options) => {
    const definition = table[code] ?? commonProblems.internal_error;
    return new ProblemError(definition.status, code, definition.title, options);
  };
}

/** A problem with one of the common codes. */
export const problem = problemsOf({});

/** The answer to a body (422) or to a query or path (400) that its schema refuses. */
export function validationProblem(issues: readonly SchemaIssue[], status: 400 | 422): ProblemError {
  const problems = fieldProblems(issues);
  const [first] = problems;
  const detail = problems.length === 1 && first ? sentence(first) : `${problems.length} fields are not valid`;
  return problem(status === 422 ? 'validation_failed' : 'invalid_request', {
    detail,
    extra: { problems: problems.map((field) => ({ ...field })) },
  });
}

/** “`name` is missing”: most messages go on after the name of their field; others stand for themselves. */
function sentence({ pointer, message }: FieldProblem): string {
  const subject = pointer === '' ? 'The document' : `\`${pointer.slice(1).replaceAll('/', '.')}\``;
  return `${subject}${/^(?:is|are|must|has|have|fits)\b/.test(message) ? '' : ':'} ${message}`;
}
