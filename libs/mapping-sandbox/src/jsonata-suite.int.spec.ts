import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import type { Json } from '@millrace/contracts';
import { compileMapping } from '@millrace/mapping';
import { createMappingPool } from './index.js';
import { knownDifferences } from './known-differences.fixture.js';

interface SuiteCase {
  name: string;
  expr: string;
  data?: Json;
  /** `null` where there is no input. */
  dataset?: string | null;
  bindings?: Record<string, Json>;
  result?: Json;
  undefinedResult?: true;
  code?: string;
  error?: { code?: string };
}

const readLines = <T>(file: string): T[] =>
  readFileSync(new URL(`../test-suite/${file}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);

const cases = readLines<SuiteCase>('cases');
const datasets = new Map(readLines<{ name: string; data: Json }>('datasets').map(({ name, data }) => [name, data]));
/** Cases that the suite itself ends by a limit. */
const endless = new Set(['U1001']);

const patient = createMappingPool({ timeLimitMs: 20_000, memoryLimitMb: 1_024 });
const strict = createMappingPool({ timeLimitMs: 300 });

afterAll(async () => {
  await Promise.all([patient.close(), strict.close()]);
});

/** The value as `{ value }`, nothing as `{}`, an error as `{ code }`. */
async function outcomeOf(given: SuiteCase): Promise<{ value?: Json; code?: string | undefined }> {
  const bound = Object.entries(given.bindings ?? {}).map(([name, value]) => `$${name} := ${JSON.stringify(value)}; `);
  const source = bound.length > 0 ? `(${bound.join('')}${given.expr})` : given.expr;
  const { compiled, problems } = compileMapping(source);
  const [problem] = problems;
  if (problem) return { code: problem.code };
  const pool = endless.has(given.code ?? '') ? strict : patient;
  const outcome = await pool.evaluate(compiled, {
    output: given.data === undefined ? datasets.get(given.dataset ?? '') : given.data,
    steps: {},
    request: undefined,
    run: {},
    seed: given.name,
    now: Date.now(),
  });
  if (!outcome.ok) return { code: outcome.errors[0]?.code };
  return outcome.value === undefined ? {} : { value: outcome.value };
}

function expectedOf(given: SuiteCase): { value?: Json; code?: string | undefined } {
  const code = given.code ?? given.error?.code;
  if (code !== undefined) return { code };
  return given.result === undefined ? {} : { value: given.result };
}

describe('the test suite of JSONata', () => {
  it('passes, but for the known differences', async () => {
    const outcomes = await Promise.all(cases.map(async (given) => ({ given, ours: await outcomeOf(given) })));
    const different = outcomes.filter(({ given, ours }) => !isDeepStrictEqual(ours, expectedOf(given)));
    expect(different.map(({ given }) => given.name)).toEqual(knownDifferences.map((known) => known.case));
    expect(cases.length).toBeGreaterThan(1_600);
  }, 120_000);
});
