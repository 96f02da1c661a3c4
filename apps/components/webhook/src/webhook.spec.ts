import { createTestHost } from '@millrace/component-runtime';
import { descriptorOf, type Json, type JsonObject } from '@millrace/component-sdk';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { webhook } from './webhook.js';

const host = createTestHost(webhook);
afterAll(() => host.close());

async function receive(body: string | Buffer, contentType = 'application/json'): Promise<unknown> {
  const raw = Buffer.from(body);
  const input: Json = {
    method: 'POST',
    path: '',
    query: { a: ['1', '2'] },
    headers: { 'content-type': contentType },
    contentType,
    body: raw.toString('base64'),
    bodyEncoding: 'base64',
  };
  const { outcome } = await host.run('receive', { input });
  if (outcome.kind === 'waiting' || outcome.kind === 'collecting') throw new Error('it waits');
  return outcome.kind === 'succeeded' ? outcome.outputs : outcome.error.message;
}

describe('the trigger receive', () => {
  it('emits the value of a JSON body, whatever it is', async () => {
    // Keys that could reach a prototype are refused, as said below.
    const taken = fc.jsonValue().filter((value) => !/"(?:__proto__|constructor)"/.test(JSON.stringify(value)));
    await fc.assert(
      fc.asyncProperty(taken, async (value) => {
        expect(JSON.stringify(await receive(JSON.stringify(value)))).toBe(JSON.stringify([value]));
      }),
    );
  });

  it('reads a body that came as text', async () => {
    const body = '{"petname":"Gromit","petstatus":"Sold"}';
    const input = {
      method: 'POST',
      path: '',
      query: {},
      headers: {},
      contentType: 'application/json',
      body,
      bodyEncoding: 'utf8',
    };
    expect((await host.run('receive', { input })).outcome).toEqual({
      kind: 'succeeded',
      outputs: [{ petname: 'Gromit', petstatus: 'Sold' }],
    });
  });

  it.each(['application/json; charset=utf-8', 'text/xml', 'multipart/form-data', ''])(
    'reads JSON although the content type that was sent is "%s"',
    async (contentType) => {
      expect(await receive('[1]', contentType)).toEqual([[1]]);
    },
  );

  it.each(['', '{', '{"a":1,}', 'undefined'])('says that %j is not JSON', async (body) => {
    expect(await receive(body)).toMatch(/^The body is not JSON: /);
  });

  it('says that a body is not UTF-8', async () => {
    expect(await receive(Buffer.from([0x22, 0xff, 0x22]))).toBe('The body is not UTF-8');
  });

  it.each([
    '{"__proto__":{"admin":true}}',
    '[{"a":{"__proto__":1}}]',
    String.raw`{"\u005f_proto__":{"admin":true}}`,
    '{"constructor":{"prototype":{"admin":true}}}',
  ])('refuses keys that could reach a prototype: %s', async (body) => {
    expect(await receive(body)).toMatch(/which is not taken$/);
  });

  it('takes the same words where they do no harm', async () => {
    expect(await receive('{"constructor":"Brabham","text":"__proto__"}')).toEqual([
      { constructor: 'Brabham', text: '__proto__' },
    ]);
  });

  it('takes a body that is nested deeply or has very many members', async () => {
    const deep = `${'['.repeat(900)}"constructor"${']'.repeat(900)}`;
    expect(await receive(deep)).toEqual([JSON.parse(deep)]);
    expect(
      await receive(JSON.stringify({ constructor: '', list: Array.from({ length: 300_000 }, () => 1) })),
    ).toHaveLength(1);
  });
});

describe('the settings of receive', () => {
  const config = descriptorOf(webhook).operations[0]!.config;

  it('are all explained, with the place of the expression', () => {
    expect(undescribed(config)).toEqual([]);
    expect(config).toMatchObject({
      properties: { deduplicate: { properties: { key: { format: 'expression' } }, required: ['key'] } },
    });
  });

  it('are taken where they fit and refused by name where they do not', async () => {
    const input = { method: 'GET', path: '', query: {}, headers: {}, contentType: '', body: '1', bodyEncoding: 'utf8' };
    const deduplicate = { key: '$request.headers.`x-id`' };
    expect(await host.run('receive', { input, config: { deduplicate } })).toMatchObject({
      outcome: { kind: 'succeeded', outputs: [1] },
    });
    expect(
      await host.run('receive', { input, config: { answer: { headers: { 'set-cookie': 'a=b' } } } }),
    ).toMatchObject({
      outcome: { error: { code: 'invalid_config', message: expect.stringContaining('set-cookie') as string } },
    });
  });
});

/** Pointers of the fields, at any depth, that say nothing of themselves. */
function undescribed(schema: JsonObject, pointer = ''): string[] {
  const fields = Object.entries((schema['properties'] ?? {}) as Record<string, JsonObject>);
  return fields.flatMap(([name, field]) => [
    ...(field['description'] ? [] : [`${pointer}/${name}`]),
    ...undescribed(field, `${pointer}/${name}`),
  ]);
}

describe('the credential', () => {
  it('is none, Basic, an API key or HMAC, with every secret marked and every field explained', () => {
    const { credentials, operations } = descriptorOf(webhook);
    expect(operations).toMatchObject([
      { name: 'receive', kind: 'trigger', triggerType: 'webhook' },
      { name: 'reply', kind: 'action', needsCredential: false },
      { name: 'wait', kind: 'action', needsCredential: false, waits: true },
      { name: 'send', kind: 'action', needsCredential: false, idempotency: 'key' },
    ]);
    expect(operations[0]).not.toHaveProperty('needsCredential');
    expect(credentials).toMatchObject({ required: true, verifies: true });
    const types = credentials?.fields['oneOf'] as { properties: Record<string, Record<string, unknown>> }[];
    expect(types.map(({ properties }) => properties['type']?.['const'])).toEqual(['none', 'basic', 'apiKey', 'hmac']);
    const fields = types.flatMap(({ properties }) => Object.entries(properties));
    expect(fields.filter(([, field]) => !field['description']).map(([name]) => name)).toEqual([]);
    const secrets = fields.filter(([, field]) => field['writeOnly'] === true).map(([name]) => name);
    expect(secrets).toEqual(['password', 'previousPassword', 'value', 'previousValue', 'secret', 'previousSecret']);
  });

  it('is valid when its fields are', async () => {
    expect(await host.verify({ type: 'none' })).toEqual({ ok: true, value: null });
    expect(await host.verify({ type: 'basic', username: 'u', password: 'p' })).toEqual({ ok: true, value: null });
    expect(await host.verify({ type: 'basic', username: 'u' })).toMatchObject({
      ok: false,
      error: { code: 'credential_invalid', message: expect.stringContaining('/password') as string },
    });
  });

  it('is refused in whole sentences, whatever words of them the secret is', async () => {
    const refusals = ['s', 'leave', 'preset'].map((secret) =>
      host.verify({ type: 'hmac', preset: 'github', secret, header: 'x-mine' }),
    );
    const messages = (await Promise.all(refusals)).map((refusal) => (refusal.ok ? '' : refusal.error.message));
    expect([...new Set(messages)]).toEqual([expect.stringMatching(/preset.*leave it out/)]);
  });

  it('is refused when its fields do not fit together, without showing the secret', async () => {
    const refusal = await host.verify({ type: 'hmac', preset: 'sendgrid', secret: 'not-a-public-key' });
    expect(refusal).toMatchObject({ ok: false, error: { code: 'credential_invalid' } });
    expect(JSON.stringify(refusal)).not.toContain('not-a-public-key');
  });
});
