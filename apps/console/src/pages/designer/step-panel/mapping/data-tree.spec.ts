import { describe, expect, it } from 'vitest';
import { dataRows, type DataSource } from './data-tree.js';

const sources: DataSource[] = [
  {
    root: { kind: 'previous' },
    title: 'Webhook (step_1)',
    value: { petname: 'Gromit', lines: [{ price: 2 }, { price: 3 }], 'odd name': null },
  },
  { root: { kind: 'request' }, title: 'Request', value: { method: 'POST', headers: {} } },
];
const lines = (search = '', closed: string[] = []) =>
  dataRows(sources, new Set(closed), search).map(
    ({ depth, label, text, expression }) => `${' '.repeat(depth)}${label} ${text} <${expression}>`,
  );

describe('the tree of the data that a step can read', () => {
  it('has a line for each member, with its value and the expression that reads it', () => {
    expect(lines()).toEqual([
      'Webhook (step_1) 3 fields <$>',
      ' petname "Gromit" <petname>',
      ' lines 2 items <lines>',
      '  0 1 field <lines[0]>',
      '   price 2 <lines[0].price>',
      '  1 1 field <lines[1]>',
      '   price 3 <lines[1].price>',
      ' odd name null <`odd name`>',
      'Request 2 fields <$request>',
      ' method "POST" <$request.method>',
      ' headers 0 fields <$request.headers>',
    ]);
  });

  it('leaves out what is inside of something closed', () => {
    const [, , list] = dataRows(sources, new Set());
    expect(lines('', [list?.id ?? ''])).toHaveLength(7);
  });

  it('is searched by name and value, closed or not, and shows where the found ones are', () => {
    expect(
      lines(
        'PRICE',
        dataRows(sources, new Set()).map(({ id }) => id),
      ),
    ).toEqual([
      'Webhook (step_1) 3 fields <$>',
      ' lines 2 items <lines>',
      '  0 1 field <lines[0]>',
      '   price 2 <lines[0].price>',
      '  1 1 field <lines[1]>',
      '   price 3 <lines[1].price>',
    ]);
    expect(lines('gromit')).toEqual(['Webhook (step_1) 3 fields <$>', ' petname "Gromit" <petname>']);
    expect(lines('nowhere')).toEqual([]);
  });

  it('survives what is large and what is hostile', () => {
    const value = { '<script>': 'x'.repeat(100_000), list: Array.from({ length: 50_000 }, (_, at) => at) };
    const rows = dataRows([{ root: { kind: 'previous' }, title: 'Large', value }], new Set());
    expect(rows.length).toBeLessThan(50);
    expect(rows[1]?.text.length).toBeLessThan(100);
    let deep: unknown = 1;
    for (let depth = 0; depth < 5_000; depth += 1) deep = [deep];
    expect(dataRows([{ root: { kind: 'run' }, title: 'Deep', value: deep }], new Set()).length).toBeLessThan(2_001);
  });
});
