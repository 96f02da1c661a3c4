import { describe, expect, it } from 'vitest';
import type { StepRun } from '../../api/schema.generated.js';
import { stepTree, treeRows, type StepNode, type TreeRow } from './step-tree.js';

const step = (stepId: string, path: string, status: StepRun['status'] = 'succeeded'): StepRun =>
  ({ stepId, path, status }) as StepRun;
const edge = (from: string, to: string) => ({ from, to, condition: null });
const flow = (...edges: ReturnType<typeof edge>[]) => ({
  steps: [...new Set(edges.flatMap(({ from, to }) => [from, to]))].map((id) => ({
    id,
    component: 'x',
    operation: 'y',
  })),
  edges,
});
const text = ({ stepId, path, run, children }: StepNode): string =>
  `${stepId}${path && `@${path}`}${run ? '' : '?'}${children.length > 0 ? `(${children.map(text).join(' ')})` : ''}`;
const shape = (...args: Parameters<typeof stepTree>) =>
  stepTree(...args)
    .map(text)
    .join(' ');

describe('the tree of step runs', () => {
  it('follows edges and paths where a branch is split and where it forks', () => {
    const runs = [step('c', '0.0'), step('b', '0'), step('b', '1'), step('d', '0'), step('a', ''), step('c', '1.0')];
    expect(shape(runs, flow(edge('a', 'b'), edge('b', 'c'), edge('a', 'd')), true)).toBe(
      'a(b@0(c@0.0) d@0 b@1(c@1.0))',
    );
  });

  it('orders paths by number', () => {
    const runs = [step('a', ''), step('b', '10'), step('b', '9')];
    expect(shape(runs, flow(edge('a', 'b')), true)).toBe('a(b@9 b@10)');
  });

  it('shows what an ended run did not come to, once', () => {
    const definition = flow(edge('a', 'b'), edge('b', 'c'), edge('c', 'd'));
    const runs = [step('a', ''), step('b', '0', 'failed'), step('b', '1', 'failed')];
    expect(shape(runs, definition, true)).toBe('a(b@0(c@0?(d@0?)) b@1)');
    expect(shape(runs, definition, false)).toBe('a(b@0 b@1)');
    expect(shape([], definition, true)).toBe('a?');
  });

  it('needs no version', () => {
    expect(shape([step('a', ''), step('b', '0'), step('c', '0.0'), step('z', '4.4')], undefined, true)).toBe(
      'a(b@0(c@0.0) z@4.4)',
    );
  });

  it('is built of a flow with hundreds of steps in a row', () => {
    const names = Array.from({ length: 600 }, (_, at) => `s${at}`);
    const runs = names.map((name, at) => step(name, Array.from({ length: at }, () => '0').join('.')));
    const rows = treeRows(stepTree(runs, undefined, true), new Map(), 10);
    expect(rows).toHaveLength(600);
    expect(rows.at(-1)?.depth).toBe(0);
  });
});

describe('the rows of a tree', () => {
  const split = stepTree(
    [
      step('a', ''),
      ...Array.from({ length: 100 }, (_, at) => step('b', String(at), at === 70 ? 'failed' : 'succeeded')),
    ],
    flow(edge('a', 'b')),
    true,
  );
  const words = (row: TreeRow) =>
    row.kind === 'more' ? `+${row.hidden.length}` : `${row.node.stepId}@${row.node.path}`;

  it('hold the first of a split branch, the failed one and the number of the rest', () => {
    expect(treeRows(split, new Map(), 4).map(words)).toEqual(['a@', 'b@0', 'b@1', 'b@2', 'b@70', '+96']);
  });

  it('hold more of it when that is asked for', () => {
    expect(treeRows(split, new Map([['a ', 1_000]]), 4)).toHaveLength(101);
  });
});
