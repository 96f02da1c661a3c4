import { once } from 'node:events';
import type { CompiledMapping } from '@millrace/mapping';
import type { MappingOutcome, SandboxContext } from '@millrace/mapping-sandbox';
import type { EngineDeps } from './deps.js';
import { persevere } from './persevere.js';

/** A mapping and what it is evaluated on. */
export interface Evaluation {
  mapping: CompiledMapping;
  context: SandboxContext;
}

/**
 * Evaluates mappings in the sandbox, all at once, and resolves the outcome of each. What an expression does wrong is
 * an outcome; a sandbox that cannot be started is waited for. Throws when the process is stopping: what was begun is
 * delivered again, to one that has the time.
 */
export async function evaluateMappings<Given extends Evaluation>(
  deps: Pick<EngineDeps, 'mappings' | 'logger' | 'stopping'>,
  evaluations: Given[],
): Promise<Map<Given, MappingOutcome>> {
  const outcomes = new Map<Given, MappingOutcome>();
  await persevere(deps, 'evaluating mappings', async () => {
    const left = evaluations.filter((evaluation) => !outcomes.has(evaluation));
    const tried = await unlessStopping(
      deps.stopping,
      Promise.allSettled(
        left.map(async (evaluation) => {
          outcomes.set(evaluation, await deps.mappings.evaluate(evaluation.mapping, evaluation.context));
        }),
      ),
    );
    // One warning tells of all of them.
    for (const result of tried) if (result.status === 'rejected') throw result.reason;
  });
  return outcomes;
}

async function unlessStopping<T>(stopping: AbortSignal, work: Promise<T>): Promise<T> {
  stopping.throwIfAborted();
  const done = new AbortController();
  const aborted = once(stopping, 'abort', { signal: done.signal }).then(() => stopping.throwIfAborted());
  // What is over is no news.
  aborted.catch(() => undefined);
  try {
    await Promise.race([work, aborted]);
    return await work;
  } finally {
    done.abort();
  }
}
