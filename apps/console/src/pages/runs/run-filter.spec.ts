import { describe, expect, it } from 'vitest';
import {
  idIn,
  isFiltered,
  isoTime,
  jobFilter,
  localTime,
  readRunFilter,
  runQuery,
  runsPath,
  writeRunFilter,
} from './run-filter.js';

const id = '01a20642-1c28-726d-b19f-67e04550e555';

describe('the filter of runs', () => {
  it('comes back from the address as it was written', () => {
    const filter = {
      flowId: id,
      statuses: ['running', 'failed'] as const,
      from: '2026-03-10T12:00:00.000Z',
      to: '2026-03-11T12:00:00.000Z',
      q: 'no such pet & more',
      stepId: 'step_2',
      errorCode: 'peer_refused',
    };
    const search = writeRunFilter(filter, new URLSearchParams({ job: 'x' }));
    expect(search.get('job')).toBe('x');
    expect(readRunFilter(new URLSearchParams(search.toString()))).toEqual(filter);
  });

  it('leaves out what an address holds that cannot be read', () => {
    const filter = readRunFilter(new URLSearchParams('flow=x&status=failed,dancing&from=yesterday&q=%20'));
    expect(filter).toEqual({ statuses: ['failed'] });
    expect(isFiltered({ statuses: [] })).toBe(false);
    expect(isFiltered(filter)).toBe(true);
  });

  it('is short where it says little', () => {
    expect(runsPath({})).toBe('/runs');
    expect(runsPath({ statuses: ['failed'], errorCode: 'timeout' })).toBe('/runs?status=failed&code=timeout');
  });

  it('searches messages for a text, but not for an id, which is looked up', () => {
    expect(runQuery({ statuses: [], q: 'no such pet' })).toEqual({ text: 'no such pet' });
    expect(runQuery({ statuses: ['failed', 'waiting'], q: id })).toEqual({ status: 'failed,waiting' });
  });
});

it('knows an id with and without dashes', () => {
  expect(idIn(` ${id} `)).toBe('01a206421c28726db19f67e04550e555');
  expect(idIn(id.replaceAll('-', '').toUpperCase())).toBe('01a206421c28726db19f67e04550e555');
  expect(idIn('gromit')).toBeUndefined();
});

it('shows a time in the reader’s zone and takes it back', () => {
  const iso = '2026-03-10T12:34:00.000Z';
  expect(isoTime(localTime(iso))).toBe(iso);
  expect(localTime(undefined)).toBe('');
  expect(isoTime('')).toBeUndefined();
});

it('lets a job act on what the list shows, where a job can have that filter', () => {
  expect(jobFilter({ statuses: ['failed'], q: 'too long', flowId: 'f' })).toEqual({
    flowId: 'f',
    status: 'failed',
    text: 'too long',
  });
  expect(jobFilter({ statuses: [] })).toBeUndefined();
  expect(jobFilter({ statuses: ['failed', 'succeeded'] })).toBeUndefined();
  expect(jobFilter({ statuses: [], q: '0195b6a0-f3c5-7d1e-8a4b-2c6d9e0f1a2b' })).toBeUndefined();
});
