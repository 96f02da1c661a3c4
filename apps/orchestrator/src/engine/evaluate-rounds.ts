import type { MappingError, MappingOutcome } from '@millrace/mapping-sandbox';
import type { EngineDeps } from './deps.js';
import { evaluateMappings, type Evaluation } from './evaluate-mappings.js';

/** An endless loop takes its whole time at every input, and a place among the batches, which other flows need. */
const defaultMaxExceeded = 10;

const limitCodes = new Set(['time_exceeded', 'memory_exceeded', 'sandbox_ended']);

export interface RoundsOptions {
  /** So many of a group may exceed a limit; default 10. */
  maxExceeded?: number;
}

interface Group<Given> {
  evaluations: Given[];
  /** How many of them have an outcome. */
  done: number;
  exceeded: MappingError[];
}

/**
 * Evaluates groups of mappings, some of each at a time: a split into thousands of outputs waits here, and not as text
 * in the pool. When those of one group have exceeded a limit `maxExceeded` times, the rest of that group is not tried
 * any more and fails like them. So a round has no more than may still exceed one.
 */
export async function evaluateInRounds<Given extends Evaluation>(
  deps: EngineDeps,
  groups: Given[][],
  { maxExceeded = defaultMaxExceeded }: RoundsOptions = {},
): Promise<Map<Given, MappingOutcome>> {
  const outcomes = new Map<Given, MappingOutcome>();
  let open: Group<Given>[] = groups.map((evaluations) => ({ evaluations, done: 0, exceeded: [] }));
  while (open.length > 0) {
    const round = open.flatMap((group) => nextOf(group, maxExceeded));
    for (const [evaluation, outcome] of await evaluateMappings(deps, round)) outcomes.set(evaluation, outcome);
    for (const group of open) {
      const evaluated = nextOf(group, maxExceeded);
      group.exceeded.push(...evaluated.flatMap((evaluation) => limitErrors(outcomes.get(evaluation))));
      group.done += evaluated.length;
      const [first] = group.exceeded;
      if (!first || group.exceeded.length < maxExceeded) continue;
      const outcome = { ok: false as const, errors: [untried(first, maxExceeded)] };
      for (const evaluation of group.evaluations.slice(group.done)) outcomes.set(evaluation, outcome);
      group.done = group.evaluations.length;
    }
    open = open.filter(({ done, evaluations }) => done < evaluations.length);
  }
  return outcomes;
}

function nextOf<Given>({ evaluations, done, exceeded }: Group<Given>, maxExceeded: number): Given[] {
  return evaluations.slice(done, done + Math.max(1, maxExceeded - exceeded.length));
}

/** What of an outcome says that a limit was exceeded. */
export function limitErrors(outcome: MappingOutcome | undefined): MappingError[] {
  return !outcome || outcome.ok ? [] : outcome.errors.filter(({ code }) => limitCodes.has(code));
}

function untried(error: MappingError, maxExceeded: number): MappingError {
  return { ...error, message: `It was not tried: on ${maxExceeded} other inputs it had just exceeded its limits.` };
}
