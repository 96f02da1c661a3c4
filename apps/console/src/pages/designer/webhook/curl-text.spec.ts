import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { curlText, methodOf, type CallerAuthentication, type SigningScheme } from './curl-text.js';

const url = 'https://hooks.example.com/hook/0195b6a0';
const body = `{"petname": "Wallace's Gromit", "petstatus": "sold"}`;

const github: SigningScheme = {
  algorithm: 'sha256',
  encoding: 'hex',
  key: 'text',
  signature: { header: 'x-hub-signature-256', prefix: 'sha256=', separator: null },
  timestamp: null,
  id: null,
  signedContent: '{body}',
};

const textFor = (authentication: CallerAuthentication) => curlText({ url, method: 'POST', authentication, body });

/** What the shell hands to curl. */
function argumentsOf(authentication: CallerAuthentication, secret = ''): string[] {
  const text = (textFor(authentication) ?? '').replaceAll('{SECRET}', secret);
  const script = `curl() { printf '%s\\0' "$@"; }\n${text}`;
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

function headersOf(given: string[]): Record<string, string> {
  const headers = given.flatMap((text, at) => (given[at - 1] === '-H' ? [text] : []));
  return Object.fromEntries(headers.map((header) => header.split(/: (.*)/s).slice(0, 2) as [string, string]));
}

describe('the command that calls a flow', () => {
  it('sends the body as it is, whatever quotes are in it', () => {
    const given = argumentsOf({ type: 'none' });
    expect(given.slice(0, 3)).toEqual(['-X', 'POST', url]);
    expect(given.at(-1)).toBe(body);
  });

  it('leaves user name, password and key to be filled in', () => {
    expect(textFor({ type: 'basic' })).toContain(`'${url}' -u '{USERNAME}:{PASSWORD}'`);
    expect(textFor({ type: 'apiKey', headerName: 'X-Api-Key' })).toContain(`-H 'X-Api-Key: {API_KEY}'`);
  });

  it('has a method that the webhook takes', () => {
    expect([undefined, {}, { methods: ['PUT', 'POST'] }, { methods: ['PUT', 'PATCH'] }].map(methodOf)).toEqual([
      'POST',
      'POST',
      'POST',
      'PUT',
    ]);
    expect(curlText({ url, method: 'PUT', authentication: { type: 'none' }, body })).toContain('curl -X PUT ');
  });

  it('signs the body with openssl', () => {
    const given = argumentsOf({ type: 'hmac', scheme: github }, 'swordfish');
    const signature = createHmac('sha256', 'swordfish').update(body).digest('hex');
    expect(headersOf(given)).toMatchObject({ 'x-hub-signature-256': `sha256=${signature}` });
    expect(given.at(-1)).toBe(body);
  });

  it('signs with the time, in a header that is a list, and with a secret that is written as base64', () => {
    const key = Buffer.from('swordfish');
    const list = { header: 'x-signature', separator: ',' };
    const scheme: SigningScheme = {
      ...github,
      encoding: 'base64',
      key: 'whsec',
      signature: { ...list, prefix: 'v1=' },
      timestamp: { ...list, prefix: 't=', unit: 'seconds' },
      signedContent: '{timestamp}.{body}',
    };
    const header = headersOf(argumentsOf({ type: 'hmac', scheme }, `whsec_${key.toString('base64')}`))['x-signature'];
    const [, timestamp = '', signature] = /^t=(\d+),v1=(.*)$/.exec(header ?? '') ?? [];
    expect(Math.abs(Number(timestamp) - Date.now() / 1_000)).toBeLessThan(60);
    expect(signature).toBe(createHmac('sha256', key).update(`${timestamp}.${body}`).digest('base64'));
  });

  it('does not exist for what a shell cannot sign', () => {
    expect(textFor({ type: 'hmac', scheme: null })).toBeUndefined();
    const form = { ...github, signedContent: '{url}{form}' };
    expect(textFor({ type: 'hmac', scheme: form })).toBeUndefined();
  });
});
