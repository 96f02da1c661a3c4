import { createHash, createHmac } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import type { Json } from '@millrace/contracts';
import { compileMapping } from '@millrace/mapping';
import { createMappingPool, type SandboxContext } from './index.js';

const context: SandboxContext = {
  output: { at: '2025-03-30T00:30:00Z', nothing: null },
  steps: {},
  request: undefined,
  run: {},
  seed: 'run:step_2:0',
  now: Date.UTC(2025, 11, 24, 18),
};

const pool = createMappingPool({ maxProcesses: 1 });
const second = createMappingPool({ maxProcesses: 1 });
afterAll(() => Promise.all([pool.close(), second.close()]));

async function evaluate(mapping: Json, given: Partial<SandboxContext> = {}, on = pool): Promise<Json | undefined> {
  const { compiled, problems } = compileMapping(mapping);
  expect(problems).toEqual([]);
  const outcome = await on.evaluate(compiled, { ...context, ...given });
  if (!outcome.ok) throw new Error(outcome.errors[0]?.message);
  return outcome.value;
}

describe('dates', () => {
  it.each<[string, Json | undefined]>([
    ['$now()', '2025-12-24T18:00:00.000Z'],
    ['$now("[Y0001]-[M01]-[D01]", "+0900")', '2025-12-25'],
    ['$millis()', Date.UTC(2025, 11, 24, 18)],
    ['$parseDate("2025-06-01")', '2025-06-01T00:00:00.000Z'],
    ['$parseDate("2025-06-01T10:00:00", "", "Europe/Berlin")', '2025-06-01T08:00:00.000Z'],
    ['$parseDate("2025-06-01T10:00:00+05:00", "", "Europe/Berlin")', '2025-06-01T05:00:00.000Z'],
    ['$parseDate("24.12.2025 18:00", "[D01].[M01].[Y0001] [H01]:[m01]")', '2025-12-24T18:00:00.000Z'],
    ['$parseDate("24.12.2025 18:00", "[D01].[M01].[Y0001] [H01]:[m01]", "Europe/Berlin")', '2025-12-24T17:00:00.000Z'],
    [
      '$parseDate("24.12.2025 18:00 -0200", "[D01].[M01].[Y0001] [H01]:[m01] [Z0001]", "Europe/Berlin")',
      '2025-12-24T20:00:00.000Z',
    ],
    // What the picture leaves open is the day of the evaluation.
    ['$parseDate("07:15", "[H01]:[m01]")', '2025-12-24T07:15:00.000Z'],
    ['$fromMillis($toMillis("07:15", "[H01]:[m01]"))', '2025-12-24T07:15:00.000Z'],
    ['$toMillis("2025-01-01T00:00:00")', Date.UTC(2025, 0, 1)],
    // Clocks jump from 2 to 3: half past two is half past three.
    ['$parseDate("2025-03-30T02:30:00", "", "Europe/Berlin")', '2025-03-30T01:30:00.000Z'],
    // Half past two comes twice: the first counts.
    ['$parseDate("2025-10-26T02:30:00", "", "Europe/Berlin")', '2025-10-26T00:30:00.000Z'],
    ['$parseDate(missing)', undefined],
    ['$formatDate($now(), "[D01].[M01].[Y0001] [H01]:[m01]", "America/New_York")', '24.12.2025 13:00'],
    ['$formatDate($millis(), "", "Asia/Kolkata")', '2025-12-24T23:30:00.000+05:30'],
    ['$formatDate("2025-07-01T12:00:00Z", "[H01]:[m01] [z]", "Europe/Berlin")', '14:00 GMT+02:00'],
    ['$formatDate(missing)', undefined],
    ['$addTime(at, 90, "minutes")', '2025-03-30T02:00:00.000Z'],
    ['$addTime(at, -1, "day")', '2025-03-29T00:30:00.000Z'],
    // A day later at the same time of day, though the day has 23 hours.
    ['$addTime(at, 1, "day", "Europe/Berlin")', '2025-03-30T23:30:00.000Z'],
    ['$addTime("2025-01-31T10:00:00Z", 1, "month")', '2025-02-28T10:00:00.000Z'],
    ['$addTime("2024-02-29", 1, "year")', '2025-02-28T00:00:00.000Z'],
    ['$addTime("2025-01-01", 2, "weeks")', '2025-01-15T00:00:00.000Z'],
    ['$addTime(0, 1.5, "seconds")', '1970-01-01T00:00:01.500Z'],
    ['$addTime(missing, 1, "day")', undefined],
  ])('%s', async (expression, expected) => {
    expect(await evaluate(expression)).toEqual(expected);
  });

  it.each([
    ['$parseDate("tomorrow")', /ISO 8601/],
    ['$parseDate("24-12", "[D01].[M01].[Y0001]")', /does not look like/],
    ['$formatDate(at, "", "Mars/Olympus")', /time zone/],
    ['$addTime(at, 1, "fortnight")', /units are/],
    ['$addTime(at, 0.5, "month")', /whole/],
    ['$addTime(at, 1e18, "year")', /out of range/],
  ])('%s is refused', async (expression, message) => {
    await expect(evaluate(expression)).rejects.toThrow(message);
  });
});

describe('hashes and base64', () => {
  it.each([
    ['$hash("grün")', createHash('sha256').update('grün').digest('hex')],
    ['$hash("a", "md5", "base64")', createHash('md5').update('a').digest('base64')],
    ['$hmac("body", "key")', createHmac('sha256', 'key').update('body').digest('hex')],
    ['$hmac("body", "key", "sha1", "base64url")', createHmac('sha1', 'key').update('body').digest('base64url')],
    ['$base64urlEncode("grün??>")', Buffer.from('grün??>').toString('base64url')],
    ['$base64urlDecode("Z3LDvG4_Pz4")', 'grün??>'],
  ])('%s', async (expression, expected) => {
    expect(await evaluate(expression)).toBe(expected);
  });

  it.each([['$hash("a", "crc32")'], ['$hmac("a", "k", "sha256", "latin1")']])('%s is refused', async (expression) => {
    await expect(evaluate(expression)).rejects.toThrow(/is one of/);
  });
});

describe('what looks random', () => {
  const mapping = {
    id: '$uuid()',
    ids: '[1..3].$uuid()',
    number: '$random()',
    shuffled: '$shuffle([1..20])',
    wide: '[1..200].{ "r": $random() }',
  };

  it('is the same for the same step run, in whichever process and however often', async () => {
    const first = await evaluate(mapping);
    expect(await evaluate(mapping)).toEqual(first);
    await evaluate(mapping, { seed: 'other' });
    expect(await evaluate(mapping, {}, second)).toEqual(first);
  });

  it('differs between step runs, between fields and from call to call', async () => {
    const drawn = new Set<Json | undefined>();
    for (const seed of ['run:step_2:0', 'run:step_2:1', 'run:step_3:0']) {
      const ids = (await evaluate(['$uuid()', '$uuid()', '[1..3].$uuid()'], { seed })) as Json[];
      for (const id of ids.flat()) drawn.add(id);
    }
    expect(drawn.size).toBe(15);
  });

  it('has the shape that receivers expect', async () => {
    const outcome = (await evaluate(mapping)) as { id: string; number: number; shuffled: number[] };
    expect(outcome.id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(outcome.number).toBeGreaterThanOrEqual(0);
    expect(outcome.number).toBeLessThan(1);
    expect([...outcome.shuffled].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
    expect(outcome.shuffled).not.toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
  });
});

describe('$resumeUrl', () => {
  const resumeUrls = { step_3: 'https://hooks.example.com/resume/a.b' };

  it('is the URL that was made for the step, and none of a step that has none', async () => {
    expect(await evaluate('"go " & $resumeUrl("step_3")', { resumeUrls })).toBe(`go ${resumeUrls.step_3}`);
    expect(await evaluate('$resumeUrl("any")', { resumeUrls: 'https://x' })).toBe('https://x');
    for (const step of ['step_4', '__proto__', 'constructor']) {
      await expect(evaluate(`$resumeUrl("${step}")`, { resumeUrls })).rejects.toThrow(/no step "\w+" that waits below/);
    }
    await expect(evaluate('$resumeUrl("step_3")')).rejects.toThrow(/that waits below/);
  });

  it('is not that of an evaluation before', async () => {
    await evaluate('$resumeUrl("step_3")', { resumeUrls });
    await expect(evaluate('$resumeUrl("step_3")', { resumeUrls: {} })).rejects.toThrow(/that waits below/);
  });
});
