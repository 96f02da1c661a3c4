import { describe, expect, it } from 'vitest';
import { suggestionsAt } from './completions.js';
import type { DataSource } from './data-tree.js';

const sources: DataSource[] = [
  {
    root: { kind: 'previous' },
    title: 'Pets (step_2)',
    value: { pet: { id: 7 }, lines: [{ price: 2 }], 'odd name': 1 },
  },
  { root: { kind: 'step', stepId: 'step_1' }, title: 'Webhook (step_1)', value: { petname: 'Gromit' } },
  { root: { kind: 'request' }, title: 'Request', value: { headers: { 'x-key': 'a' } } },
  { root: { kind: 'run' }, title: 'Run', value: { id: 'r' } },
];
const fields = (before: string) =>
  suggestionsAt(before, sources)
    ?.items.filter(({ kind }) => kind === 'field')
    .map(({ apply }) => apply);

describe('what an expression can go on with', () => {
  it.each([
    ['pe', ['pet', 'lines', '`odd name`']],
    ['$uppercase(pe', ['pet', 'lines', '`odd name`']],
    ['pet.', ['id']],
    ['1 + pet . i', ['id']],
    ['lines.', ['price']],
    ['lines[0].', ['price']],
    ['$.pet.', ['id']],
    ['$steps.', ['step_2', 'step_1']],
    ['$steps.step_1.pet', ['petname']],
    ['$steps.step_2.pet.', ['id']],
    ['$request.headers.`x', ['`x-key`']],
    ['$run.', ['id']],
    ['nowhere.', []],
  ])('after %s are the fields there', (before, expected) => {
    expect(fields(before)).toEqual(expected);
  });

  it('are functions and variables after a dollar sign', () => {
    const found = suggestionsAt('1 + $upper', sources);
    expect(found?.from).toBe(4);
    const applied = found?.items.map(({ apply }) => apply);
    expect(applied).toEqual(expect.arrayContaining(['$uppercase', '$uuid', '$steps', '$request', '$run']));
  });

  it('replace the name that is begun, and show its sample value', () => {
    expect(suggestionsAt('pet.i', sources)).toEqual({
      from: 4,
      items: [{ label: 'id', apply: 'id', detail: '7', kind: 'field' }],
    });
    expect(suggestionsAt('`odd', sources)?.from).toBe(0);
  });

  it.each(['"pe', "'a.", '/* pe', '"a" & "pe', '1 + ', '12'])(
    'are none in texts, comments and numbers: %s',
    (before) => {
      expect(suggestionsAt(before, sources)).toBeUndefined();
    },
  );

  it('are everything on demand', () => {
    expect(suggestionsAt('', sources, true)?.items.length).toBeGreaterThan(60);
  });
});
