import { describe, expect, it } from 'vitest';
import { maskedHeaders, maskedPath } from './masked.js';

const none = { headers: [], queryNames: [] };

describe('what is kept of the headers of a refused call', () => {
  it.each([
    'authorization',
    'proxy-authorization',
    'cookie',
    'x-api-key',
    'x-hub-signature-256',
    'x-shopify-hmac-sha256',
    'stripe-signature',
    'x-gitlab-token',
    'svix-signature',
  ])('has no value of %s, whatever the credential is', (name) => {
    expect(maskedHeaders({ [name]: 'value' }, none)).toEqual({ [name]: '•••' });
  });

  it('has no value where the credential sends its secret or signature', () => {
    expect(maskedHeaders({ 'x-a': '1', 'x-b': '2' }, { ...none, headers: ['x-b'] })).toEqual({
      'x-a': '1',
      'x-b': '•••',
    });
  });

  it('has values of harmless headers alone where the credential is not known', () => {
    expect(maskedHeaders({ 'x-own': '1', accept: '*/*', 'user-agent': 'curl' }, undefined)).toEqual({
      'x-own': '•••',
      accept: '*/*',
      'user-agent': 'curl',
    });
  });

  it('is bounded in values and number', () => {
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`x-${n}`, 'ü'.repeat(2_000)]));
    const kept = maskedHeaders(many, none);
    expect(Object.keys(kept)).toHaveLength(50);
    expect(Math.max(...Object.values(kept).map((value) => Buffer.byteLength(value)))).toBeLessThanOrEqual(1_027);
  });

  it('has repeated headers as one', () => {
    expect(maskedHeaders({ 'x-a': ['1', '2'] }, none)).toEqual({ 'x-a': '1, 2' });
  });
});

describe('what is kept of the URL of a refused call', () => {
  it.each([
    ['/hook/abc', ''],
    ['/hook/abc/pets/7', '/pets/7'],
    ['/hook/abc?page=2', '?page=2'],
    ['/hook/abc/a?token=x&page=2&api_key=y&sig=z', '/a?token=•••&page=2&api_key=•••&sig=•••'],
    ['/hook/abc?ow%6E=x&own=y&b', '?ow%6E=•••&own=•••&b'],
    ['/hook/abc?%zz=x', '?%zz=x'],
  ])('of %s is %s', (url, kept) => {
    expect(maskedPath(url, { headers: [], queryNames: ['own'] })).toBe(kept);
  });

  it('has no value of any parameter where the credential is not known', () => {
    expect(maskedPath('/hook/abc/a?page=2&s3cr3t&k=', undefined)).toBe('/a?page=•••&•••&k=•••');
  });
});
