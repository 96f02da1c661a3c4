import type { FlowDraft } from '../../api/schema.generated.js';

interface Versioned {
  flowVersion: number | null;
}

export type Definition = Pick<FlowDraft, 'steps' | 'edges'>;

/** The versions that a run and its steps are of, newest first; several where steps were retried with another. */
export function versionsOf(run: Versioned & { steps: readonly Versioned[] }): number[] {
  const known = [run.flowVersion, ...run.steps.map(({ flowVersion }) => flowVersion)].filter((one) => one !== null);
  return [...new Set(known)].toSorted((one, other) => other - one);
}

/**
 * What a run went through: its newest version, and of the older ones the steps that ran and are not in it, with the edges that led
 * to them. Undefined when no version is known.
 */
export function runDefinition(newestFirst: readonly Definition[], ran: ReadonlySet<string>): Definition | undefined {
  const [newest, ...older] = newestFirst;
  if (!newest) return undefined;
  const steps = [...newest.steps];
  const edges = [...newest.edges];
  for (const definition of older) {
    const known = new Set(steps.map(({ id }) => id));
    const left = definition.steps.filter(({ id }) => ran.has(id) && !known.has(id));
    const leftIds = new Set(left.map(({ id }) => id));
    steps.push(...left);
    edges.push(...definition.edges.filter(({ to }) => leftIds.has(to)));
  }
  return { steps, edges };
}
