import type { FlowDifference } from '@millrace/flow-model';
import { pointerNames } from '../../../ui/json-pointer.js';

/** One line of a difference, for people. */
export interface DifferenceLine {
  key: string;
  change: 'added' | 'removed' | 'changed';
  /** What it is about: a step by its name, or a part of the flow. */
  subject: string;
  fields: { name: string; before?: string; after?: string }[];
}

/**
 * A difference as lines. What leads to a step that is new or gone says nothing more than that step does and is left out.
 * `titleOf` gives the name of a step.
 */
export function differenceLines(difference: FlowDifference, titleOf: (stepId: string) => string): DifferenceLine[] {
  const notInBoth = new Set(difference.steps.filter(({ change }) => change !== 'changed').map(({ id }) => id));
  const steps = difference.steps.map(({ id, change, fields }): DifferenceLine => {
    return { key: id, change, subject: titleOf(id), fields: fields.map(fieldLine) };
  });
  const edges = difference.edges
    .filter(({ from, to }) => !notInBoth.has(from) && !notInBoth.has(to))
    .map(({ from, to, change, fields }): DifferenceLine => {
      return {
        key: `${from} ${to}`,
        change,
        subject: `${titleOf(from)} → ${titleOf(to)}`,
        fields: fields.map(fieldLine),
      };
    });
  const rest = difference.fields.map((field): DifferenceLine => {
    return { key: field.pointer, change: 'changed', subject: 'Flow', fields: [fieldLine(field)] };
  });
  return [...steps, ...edges, ...rest];
}

const longest = 120;

function fieldLine(field: FlowDifference['fields'][number]): DifferenceLine['fields'][number] {
  const { pointer, before, after } = field;
  return {
    name: pointerNames(pointer).join(' › '),
    ...(before !== undefined && { before: shown(before) }),
    ...(after !== undefined && { after: shown(after) }),
  };
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
