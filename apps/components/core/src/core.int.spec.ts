import { createTestHost } from '@millrace/component-runtime';
import { descriptorOf, type Json, type JsonObject } from '@millrace/component-sdk';
import { afterAll, describe, expect, it } from 'vitest';
import { core } from './core.js';
import { expressions } from './evaluating.js';

const host = createTestHost(core);
afterAll(async () => {
  await host.close();
  await expressions.close();
});

async function run(operation: string, config: JsonObject, input: Json): Promise<unknown> {
  const { outcome } = await host.run(operation, { input, config, timeoutMs: 25_000 });
  if (outcome.kind === 'succeeded') return outcome.outputs;
  return outcome.kind === 'failed' ? { ...outcome.error, retry: outcome.retry.kind } : outcome;
}

const order = {
  id: 7,
  lines: [
    { sku: 'a', n: 2 },
    { sku: 'b', n: 1 },
  ],
  note: null,
};

describe('transform', () => {
  it.each<[string, Json, Json[]]>([
    ['$', order, [order]],
    ['lines[0].sku', order, ['a']],
    ['{ "order": id, "count": $sum(lines.n), "skus": lines.sku }', order, [{ order: 7, count: 3, skus: ['a', 'b'] }]],
    ['note', order, [null]],
    ['"fixed"', order, ['fixed']],
    ['missing', order, []],
    ['$[n > 1]', [{ n: 1 }, { n: 2 }], [{ n: 2 }]],
    ['$uppercase($)', 'text', ['TEXT']],
  ])('makes of its input what %s gives', async (expression, input, outputs) => {
    expect(await run('transform', { expression }, input)).toEqual(outputs);
  });

  it('says for good what is wrong with an expression, where, and the shape of its input, without data', async () => {
    const failure = await run('transform', { expression: '$sum(lines.sku)' }, { lines: [{ sku: 'hidden' }] });
    expect(failure).toMatchObject({
      code: 'expression_failed',
      message: expect.stringMatching(/^The expression failed at character \d+ of “\$sum\(lines\.sku\)”: /) as string,
      detail: { expression: '$sum(lines.sku)', code: 'T0412', inputShape: '{ lines: list of 1, first { … } }' },
      retry: 'never',
    });
    expect(JSON.stringify(failure)).not.toContain('hidden');
    expect(await run('transform', { expression: '{ "a": ' }, {})).toMatchObject({
      code: 'expression_failed',
      message: expect.stringContaining('ends too early') as string,
    });
  });

  it('stops an expression that does not end, one that fills the memory and a catastrophic pattern', async () => {
    const hostile = [
      '($f := function($n) { $f($n + 1) }; $f(0))',
      '$map([1..9999999], function($i) { [1..9999999] })',
      '$match("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", /^(a+)+$/)',
    ];
    const outcomes = await Promise.all(hostile.map((expression) => run('transform', { expression }, {})));
    expect(outcomes).toEqual(hostile.map(() => expect.objectContaining({ code: 'expression_failed' }) as unknown));
    expect(await run('transform', { expression: '1 + 1' }, {})).toEqual([2]);
  });

  it('evaluates no JavaScript', async () => {
    const expression = '[$.constructor.constructor("return process")(), $.__proto__, constructor]';
    expect(await run('transform', { expression }, {})).toEqual([[]]);
  });
});

describe('filter', () => {
  it('passes on what fits, unchanged, and ends the branch of the rest', async () => {
    expect(await run('filter', { condition: 'id = 7' }, order)).toEqual([order]);
    expect(await run('filter', { condition: 'id = 8' }, order)).toEqual([]);
    expect(await run('filter', { condition: '$exists(lines[sku = "b"])' }, order)).toEqual([order]);
    expect(await run('filter', { condition: 'true' }, null)).toEqual([null]);
  });

  it('fails for good, or marks, what does not fit where it is set so', async () => {
    const reason = 'Only orders of shop 8 are taken.';
    expect(await run('filter', { condition: 'id = 8', otherwise: 'fail', reason }, order)).toMatchObject({
      code: 'filtered_out',
      message: reason,
      retry: 'never',
    });
    expect(await run('filter', { condition: 'id = 8', otherwise: 'mark' }, order)).toEqual([
      { passed: false, value: order },
    ]);
    expect(await run('filter', { condition: 'id = 7', otherwise: 'mark' }, order)).toEqual([
      { passed: true, value: order },
    ]);
  });

  it.each([
    ['id', 'a number'],
    ['missing', 'nothing'],
    ['note', 'null'],
    ['lines', 'a list'],
    ['lines[0]', 'an object'],
    ['"true"', 'a text'],
  ])('does not guess what %s means', async (condition, what) => {
    expect(await run('filter', { condition }, order)).toMatchObject({
      code: 'condition_not_boolean',
      message: expect.stringContaining(what) as string,
    });
  });
});

describe('split', () => {
  it('emits each element with its place', async () => {
    expect(await run('split', { items: 'lines' }, order)).toEqual([
      { item: { sku: 'a', n: 2 }, index: 0, total: 2 },
      { item: { sku: 'b', n: 1 }, index: 1, total: 2 },
    ]);
    expect(await run('split', {}, ['x', null, [1]])).toEqual([
      { item: 'x', index: 0, total: 3 },
      { item: null, index: 1, total: 3 },
      { item: [1], index: 2, total: 3 },
    ]);
  });

  it('takes a single value for a list of one, and nothing or null for an empty one', async () => {
    expect(await run('split', { items: 'lines[n > 1]' }, order)).toEqual([
      { item: { sku: 'a', n: 2 }, index: 0, total: 1 },
    ]);
    for (const items of ['missing', 'note']) expect(await run('split', { items }, order)).toEqual([]);
    expect(await run('split', { items: 'list' }, { list: [] })).toEqual([]);
  });

  it('emits 100,000 elements, and not one more', async () => {
    const list = Array.from({ length: 100_000 }, (_, n) => n);
    const outputs = (await run('split', { items: 'list' }, { list })) as Json[];
    expect(outputs).toHaveLength(100_000);
    expect(outputs.at(-1)).toEqual({ item: 99_999, index: 99_999, total: 100_000 });
    expect(await run('split', { items: 'list' }, { list: [...list, 0] })).toMatchObject({ code: 'too_many_outputs' });
  });
});

describe('collect', () => {
  it('says which items go on together, and until when', async () => {
    expect(await run('collect', {}, order)).toEqual({
      kind: 'collecting',
      item: order,
      gathering: { scope: 'run', key: null, maxItems: 10_000, timeoutMs: 3_600_000 },
    });
    const config = { scope: 'flow', count: 50, timeoutSeconds: 60, key: '{ "shop": $lowercase(shop) }' };
    expect(await run('collect', config, { shop: 'A' })).toMatchObject({
      gathering: { scope: 'flow', key: { shop: 'a' }, maxItems: 50, timeoutMs: 60_000 },
    });
    expect(await run('collect', { key: 'missing' }, order)).toMatchObject({ gathering: { key: null } });
  });

  it.each([{ scope: 'all' }, { count: 0 }, { count: 10_001 }, { timeoutSeconds: 0 }, { timeoutSeconds: 2_592_001 }])(
    'refuses %j',
    async (config) => {
      expect(await run('collect', config, order)).toMatchObject({ code: 'invalid_config' });
    },
  );

  it('refuses an item or a key that is too large to be kept', async () => {
    expect(await run('collect', {}, 'x'.repeat(5_000_000))).toMatchObject({ code: 'item_too_large', retry: 'never' });
    expect(await run('collect', { key: '$' }, 'x'.repeat(2_000))).toMatchObject({ code: 'key_too_large' });
  });
});

it('explains every setting, and needs no credential', () => {
  const { credentials, operations } = descriptorOf(core);
  expect(credentials).toBeNull();
  for (const { config, output } of operations) {
    for (const { properties = {} } of [config, output] as { properties?: Record<string, JsonObject> }[]) {
      expect(Object.entries(properties).filter(([, field]) => !field['description'])).toEqual([]);
    }
  }
});
