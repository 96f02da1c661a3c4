import { stripVTControlCharacters } from 'node:util';
import { beforeEach, describe, expect, it } from 'vitest';
import { mergedLog } from './merged-log.js';

const entry = (level: string, msg: string): string => JSON.stringify({ level, msg, time: '2026-01-01T00:00:00Z' });

describe('mergedLog', () => {
  let printed: string[];
  beforeEach(() => {
    printed = [];
  });
  const make = () => mergedLog(['api', 'sandbox'], (text) => printed.push(stripVTControlCharacters(text)));

  it('puts the padded name of the service before every line, also before those of a stack', () => {
    const log = make();
    log.open();
    log.line('api', 'first');
    log.remark('sandbox', 'one\ntwo');
    expect(printed).toEqual(['api     first', 'sandbox one\nsandbox two']);
  });

  it('keeps back what is said while the services start, except errors and remarks', () => {
    const log = make();
    log.line('api', entry('info', 'listening'));
    log.line('api', entry('error', 'no broker'));
    log.remark('api', 'starts again');
    expect(printed).toEqual([]);
    log.open();
    expect(printed.map((line) => line.replace(/\d\d:\d\d:\S+ /, ''))).toEqual([
      'api     error no broker',
      'api     starts again',
    ]);
  });
});
