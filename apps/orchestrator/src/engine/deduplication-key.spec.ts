import { newId, type HookRequest, type JsonObject, type RunId } from '@millrace/contracts';
import { compilePlan } from '@millrace/flow-model';
import type { SeededFlow } from '@millrace/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, deduplicationOf, keyContext, keySha256, sha256Of } from './deduplication-key.js';

const ids = {} as SeededFlow;
const request: HookRequest = {
  method: 'POST',
  path: '',
  query: { page: '2' },
  headers: { 'x-request-id': 'a' },
  contentType: 'application/json',
};

function planOf(config: JsonObject, component = 'webhook') {
  return compilePlan(ids, { steps: [{ id: 'step_1', component, operation: 'receive', config }], edges: [] });
}

function keyOf(key: string, body: string, change: Partial<HookRequest> = {}): string | undefined {
  const plan = planOf({ deduplicate: { key } });
  const message = { request: { ...request, ...change }, body: Buffer.from(body), runId: newId<RunId>() };
  return keySha256(deduplicationOf(plan)!, plan, message)?.toString('hex');
}

describe('the deduplication of a flow', () => {
  it('is what its trigger sets, with a day as its window', () => {
    expect(deduplicationOf(planOf({}))).toBeUndefined();
    expect(deduplicationOf(planOf({ deduplicate: { key: 'id' } }))).toMatchObject({ windowMs: 86_400_000 });
    expect(deduplicationOf(planOf({ deduplicate: 1 }, 'echo'))).toBeUndefined();
  });

  it('says whether its key needs the sandbox, and the body there', () => {
    const of = (key: string) => deduplicationOf(planOf({ deduplicate: { key } }));
    expect(of('id')).toMatchObject({ sandboxed: false });
    expect(of('$lowercase(id)')).toMatchObject({ sandboxed: true, readsBody: true });
    expect(of('$request.headers.id & $request.query.id')).toMatchObject({ sandboxed: true, readsBody: false });
  });

  it.each([
    { deduplicate: { key: 'a..b' } },
    { deduplicate: { key: '$lowercas(id)' } },
    { deduplicate: {} },
    { color: 1 },
  ])('cannot be made of %j', (config) => {
    expect(() => deduplicationOf(planOf(config))).toThrow(TypeError);
  });
});

describe('the key of a request', () => {
  it('is a value of its body, in whatever order and spelling it came', () => {
    const one = keyOf('order', '{"order":{"id":1,"tags":["a","\\u00fc"]},"at":1}');
    expect(one).toMatch(/^[0-9a-f]{64}$/);
    expect(keyOf('order', '{"at":2, "order": {"tags":["a","ü"],"id":1.0}}')).toBe(one);
    expect(keyOf('order', '{"order":{"id":2,"tags":["a","ü"]}}')).not.toBe(one);
    expect(keyOf('order', '{"order":{"id":"1","tags":["a","ü"]}}')).not.toBe(one);
  });

  it('is a header with dashes, a parameter or the whole body', () => {
    const header = keyOf('$request.headers.`x-request-id`', 'no JSON at all');
    expect(header).toMatch(/^[0-9a-f]{64}$/);
    expect(keyOf('$request.headers.`x-request-id`', '', { headers: { 'x-request-id': 'b' } })).not.toBe(header);
    expect(keyOf('$request.query.page', '')).toMatch(/^[0-9a-f]{64}$/);
    expect(keyOf('$', '[1]')).toBe(keyOf('$', ' [ 1 ]'));
  });

  it('does not see the body as it was sent behind its JSON', () => {
    expect(keyOf('$', '{"a":1}<a>1</a>', { rawBodyBytes: 8 })).toBe(keyOf('$', '{"a":1}'));
    expect(keyOf('$request.rawBody.text', '{"a":1}<a>1</a>', { rawBodyBytes: 8 })).toBe(keyOf('$', '"<a>1</a>"'));
  });

  it.each([
    ['id', '{}'],
    ['id', '{"id":null}'],
    ['id', 'no JSON'],
    ['$', '['.repeat(200_000) + ']'.repeat(200_000)],
    ['$request.headers.other', '{}'],
  ])('%s is none where there is no value (%#)', (key, body) => {
    expect(keyOf(key, body)).toBeUndefined();
  });

  it('takes numbers that are too long to be told apart for the same only in the very same body', () => {
    const [one, other] = ['{"id":12345678901234567890}', '{"id":12345678901234567891}'];
    expect(keyOf('id', one)).toBe(keyOf('id', one));
    expect(keyOf('id', one)).not.toBe(keyOf('id', other));
    expect(keyOf('$', one)).not.toBe(keyOf('$', other));
  });
});

describe('what a key is evaluated on in the sandbox', () => {
  const plan = planOf({ deduplicate: { key: '$lowercase(id)' } });
  const message = { request, body: Buffer.from('{"id":"A"}'), runId: newId<RunId>(), receivedAt: 4_711 };
  const contextOf = (change: Partial<typeof message> = {}) =>
    keyContext(deduplicationOf(plan)!, plan, { ...message, ...change });

  it('is the same for every copy of a request', () => {
    expect(contextOf()).toEqual(contextOf());
    expect(contextOf()).toMatchObject({ output: { id: 'A' }, seed: message.runId, now: 4_711 });
  });

  it('has no output where the body is no JSON', () => {
    expect(contextOf({ body: Buffer.from('no JSON') })).toMatchObject({ output: undefined });
  });

  it('gives the same key as the value that a path leads to', () => {
    expect(sha256Of('a', message)?.toString('hex')).toBe(keyOf('id', '{"id":"a"}'));
    expect(sha256Of(undefined, message)).toBeUndefined();
    expect(sha256Of(null, message)).toBeUndefined();
  });
});

describe('canonical JSON', () => {
  it('is JSON of the same value, and the same for every order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const parsed = JSON.parse(JSON.stringify(value)) as JsonObject;
        expect(JSON.parse(canonicalJson(parsed))).toEqual(parsed);
      }),
    );
    expect(canonicalJson({ b: [{ d: 1, c: null }], a: 'x' })).toBe('{"a":"x","b":[{"c":null,"d":1}]}');
    expect(canonicalJson(JSON.parse('{"b":1,"__proto__":2}') as JsonObject)).toBe('{"__proto__":2,"b":1}');
  });
});
