import { expect, it } from 'vitest';
import { jsonRows, jsonText, pointersBelow } from './json-rows.js';

const lines = (value: unknown, closed: string[] = []) =>
  jsonRows(value, new Set(closed)).map(({ depth, name, text }) => `${' '.repeat(depth)}${name ?? ''}=${text}`);

it('lays a value out line by line', () => {
  expect(lines({ pet: { name: 'Gromit', tags: ['good', 1, null] }, sold: true, none: {} })).toEqual([
    '={ 3 }',
    ' pet={ 2 }',
    '  name="Gromit"',
    '  tags=[ 3 ]',
    '   0="good"',
    '   1=1',
    '   2=null',
    ' sold=true',
    ' none={}',
  ]);
});

it('leaves out what is inside of something closed', () => {
  expect(lines({ a: { b: 1 }, c: 2 }, ['/a'])).toEqual(['={ 2 }', ' a={ 1 }', ' c=2']);
});

it('tells members apart whose names hold slashes and tildes', () => {
  const pointers = jsonRows({ 'a/b': 1, a: { b: 2 }, '~1': 3 }, new Set()).map(({ pointer }) => pointer);
  expect(pointers).toEqual(['', '/a~1b', '/a', '/a/b', '/~01']);
});

it('keeps text from outside as text, and short', () => {
  const [row] = jsonRows(`<script>${'x'.repeat(5_000)}`, new Set());
  expect(row?.text).toMatch(/^"<script>x+… \(5,010 characters\)$/);
});

it('survives a value that is very deep', () => {
  let value: unknown = 1;
  for (let depth = 0; depth < 20_000; depth += 1) value = [value];
  expect(jsonRows(value, pointersBelowRoot)).toHaveLength(1);
});

const pointersBelowRoot = new Set(['']);

it('names what to close below a depth, and copies strings as they are', () => {
  expect([...pointersBelow({ a: { b: { c: 1 } }, d: [] }, 1)]).toEqual(['/a', '/a/b']);
  expect(jsonText('plain')).toBe('plain');
  expect(jsonText({ a: 1 })).toBe('{\n  "a": 1\n}');
});
