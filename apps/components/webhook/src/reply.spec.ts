import { createTestHost } from '@millrace/component-runtime';
import type { Json } from '@millrace/component-sdk';
import { afterAll, describe, expect, it } from 'vitest';
import { webhook } from './webhook.js';

const host = createTestHost(webhook);
afterAll(() => host.close());

async function reply(input: Json): Promise<unknown> {
  const { outcome } = await host.run('reply', { input });
  if (outcome.kind === 'waiting' || outcome.kind === 'collecting') throw new Error('it waits');
  return outcome.kind === 'succeeded' ? outcome.outputs[0] : { error: outcome.error, retry: outcome.retry };
}

const json = { 'content-type': 'application/json; charset=utf-8' };

describe('the action reply', () => {
  it.each<[string, Json, Json]>([
    ['nothing', {}, { status: 200, headers: {}, body: '' }],
    ['a value as JSON', { body: { ok: [1] } }, { status: 200, headers: json, body: '{"ok":[1]}' }],
    ['null as JSON', { body: null }, { status: 200, headers: json, body: 'null' }],
    [
      'a text as it is',
      { status: 422, body: 'no "such" pet ü' },
      { status: 422, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: 'no "such" pet ü' },
    ],
    [
      'headers by lower-case name, the content type before its own',
      { headers: { 'Content-Type': 'application/xml', 'X-Pet': 'Gromit' }, body: '<pet/>' },
      { status: 200, headers: { 'content-type': 'application/xml', 'x-pet': 'Gromit' }, body: '<pet/>' },
    ],
    ['no content with 204', { status: 204, body: 'x' }, { status: 204, headers: {}, body: '' }],
    ['no content with 205', { status: 205, body: 'x' }, { status: 205, headers: {}, body: '' }],
    ['no content with 304', { status: 304, body: 'x' }, { status: 304, headers: {}, body: '' }],
  ])('answers %s', async (_, input, answer) => {
    expect(await reply(input)).toEqual(answer);
  });

  it.each([
    [{ headers: { 'x y': '1' } }, '“x y” is not the name of a header'],
    [{ headers: { 'x-pet': 'a\r\nset-cookie: b' } }, 'the value of x-pet'],
    [{ headers: { 'Set-Cookie': 'a=b' } }, 'a flow cannot set the header Set-Cookie'],
    [{ headers: { 'x-count': 1 } }, '/headers/x-count'],
    [{ status: 199 }, '/status'],
    [{ status: 600 }, '/status'],
  ])('fails for good with %j and says which it is', async (input, message) => {
    expect(await reply(input)).toMatchObject({
      error: { code: 'invalid_input', message: expect.stringContaining(message) as string },
      retry: { kind: 'never' },
    });
  });
});
