import { asApiProblem } from '../api/api-problem.js';

/** What the control plane says is wrong with one field, by its JSON pointer; undefined when nothing is. */
export function fieldFault(error: unknown, pointer: string): string | undefined {
  if (error === null || error === undefined) return undefined;
  return asApiProblem(error).problems.find((problem) => problem.pointer === pointer)?.message;
}
