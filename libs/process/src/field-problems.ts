/** One field that is not valid; the pointer (RFC 6901) says where in the request it is. */
export interface FieldProblem {
  pointer: string;
  code: string;
  message: string;
}

/** Anything that lists faults by path, as zod and every other Standard Schema library does. */
export interface SchemaIssue {
  readonly message: string;
  readonly code?: string | undefined;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** The faults of a schema as problems with JSON pointers. */
export function fieldProblems(issues: readonly SchemaIssue[]): FieldProblem[] {
  return issues.map(({ path = [], code = 'invalid', message }) => ({ pointer: jsonPointer(path), code, message }));
}

/** The JSON pointer (RFC 6901) of a path; `''` is the whole document. */
export function jsonPointer(path: readonly (PropertyKey | { readonly key: PropertyKey })[]): string {
  return path
    .map((segment) => String(typeof segment === 'object' ? segment.key : segment))
    .map((segment) => `/${segment.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}
