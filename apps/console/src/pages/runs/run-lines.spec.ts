import { expect, it } from 'vitest';
import { shownLines, type RunLine } from './run-lines.js';

const line = (id: string, over: Partial<RunLine> = {}): RunLine => ({
  id,
  requestId: id,
  flowId: 'flow',
  flowVersion: 1,
  status: 'running',
  isReplay: false,
  startedAt: '2026-03-10T12:00:00.000Z',
  finishedAt: null,
  words: '2 step runs',
  ...over,
});
const page = (...ids: string[]) => ({
  lines: ids.map((id) => line(id)),
  nextCursor: ids.at(-1) ?? null,
  truncated: false,
});
const known = (...lines: RunLine[]) => new Map(lines.map((each) => [each.id, each]));

it('counts runs that came later and leaves the lines where they are', () => {
  const { lines, fresh } = shownLines([page('5', '4'), page('3')], known(line('7'), line('6'), line('5')));
  expect(lines.map(({ id }) => id)).toEqual(['5', '4', '3']);
  expect(fresh.map(({ id }) => id)).toEqual(['7', '6']);
});

it('shows what has become of a run meanwhile', () => {
  const news = line('4', { status: 'failed', words: '' });
  const { lines, fresh } = shownLines([page('5', '4')], known(news));
  expect(lines.map(({ status, words }) => [status, words])).toEqual([
    ['running', '2 step runs'],
    ['failed', ''],
  ]);
  expect(fresh).toEqual([]);
});

it('shows a run once that two pages hold, and puts one that came late into its place', () => {
  const { lines } = shownLines([page('4'), page('5', '4'), page('4', '3')], known());
  expect(lines.map(({ id }) => id)).toEqual(['5', '4', '3']);
});

it('counts an older run that the filter lets through only now, as far as the list was loaded', () => {
  const { fresh } = shownLines([page('7', '5')], known(line('6'), line('2')));
  expect(fresh.map(({ id }) => id)).toEqual(['6']);
});

it('counts every run as new where there was none', () => {
  expect(shownLines([page()], known(line('1'))).fresh).toHaveLength(1);
});
