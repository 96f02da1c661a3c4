import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readableLine } from './log-line.js';

const at = new Date(2026, 0, 2, 3, 4, 5, 6).toISOString();
const text = (line: string): string => stripVTControlCharacters(readableLine(line).text);

describe('readableLine', () => {
  it('shows time, message and fields of a JSON line', () => {
    const line = JSON.stringify({ level: 'info', time: at, service: 'api', pid: 1, port: 3000, msg: 'listening' });
    expect(text(line)).toBe('03:04:05.006 listening port=3000');
  });

  it('names every level but the usual one', () => {
    const line = JSON.stringify({ level: 'warn', time: at, msg: 'slow', detail: { ms: 12 } });
    expect(text(line)).toBe('03:04:05.006 warn slow detail={"ms":12}');
    expect(readableLine(JSON.stringify({ level: 50, time: at, msg: 'x' })).level).toBe('error');
  });

  it('puts the stack of an error below the line', () => {
    const err = { type: 'Error', message: 'lost', stack: 'Error: lost\n    at place' };
    const line = JSON.stringify({ level: 'error', time: at, msg: 'failed', err });
    expect(text(line).split('\n')).toEqual(['03:04:05.006 error failed', '  Error: lost', '      at place']);
  });

  it('shortens long values', () => {
    const line = JSON.stringify({ level: 'info', time: at, msg: 'm', long: 'x'.repeat(1000) });
    expect(text(line).length).toBeLessThan(350);
  });

  it.each(['plain text', '{"half":', '{"no":"level"}', '[1]', ''])('leaves %j as it is', (line) => {
    expect(readableLine(line)).toEqual({ level: 'info', text: line });
  });
});
