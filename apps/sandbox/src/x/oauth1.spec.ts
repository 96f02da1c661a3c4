import { describe, expect, it } from 'vitest';
import { baseString, isSignedWith, percentEncode, readAuthorization, sign } from './oauth1.js';

/** RFC 5849 §1.2. */
const photos = {
  request: {
    method: 'GET',
    url: 'http://photos.example.net/photos',
    parameters: [
      ['file', 'vacation.jpg'],
      ['size', 'original'],
    ],
  },
  header:
    'OAuth realm="Photos", oauth_consumer_key="dpf43f3p2l4k3l03", oauth_token="nnch734d00sl2jdk", ' +
    'oauth_signature_method="HMAC-SHA1", oauth_timestamp="137131202", oauth_nonce="chapoH", ' +
    'oauth_signature="MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D"',
  secrets: { consumerSecret: 'kd94hf93k423kf44', tokenSecret: 'pfkkdhi9sl3r4s00' },
} as const;

/** The example of X's guide "Creating a signature". */
const update = {
  request: {
    method: 'POST',
    url: 'https://API.twitter.com:443/1.1/statuses/update.json',
    parameters: [
      ['include_entities', 'true'],
      ['status', 'Hello Ladies + Gentlemen, a signed OAuth request!'],
    ],
  },
  oauth: new Map([
    ['oauth_consumer_key', 'xvz1evFS4wEEPTGEFPHBog'],
    ['oauth_nonce', 'kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg'],
    ['oauth_signature_method', 'HMAC-SHA1'],
    ['oauth_timestamp', '1318622958'],
    ['oauth_token', '370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb'],
    ['oauth_version', '1.0'],
  ]),
  secrets: {
    consumerSecret: 'kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw',
    tokenSecret: 'LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE',
  },
} as const;

describe('signatures of OAuth 1.0a', () => {
  it('are those of the examples in RFC 5849 and of X', () => {
    const oauth = readAuthorization(photos.header);
    expect(oauth && isSignedWith(photos.request, oauth, photos.secrets)).toBe(true);
    expect(sign(update.request, update.oauth, update.secrets)).toBe('hCtSmYh+iHYCEqBWrE7C7hYmtUk=');
  });

  it.each([
    ['method', { ...photos.request, method: 'POST' }],
    ['host', { ...photos.request, url: 'http://photos.example.com/photos' }],
    ['scheme', { ...photos.request, url: 'https://photos.example.net/photos' }],
    ['path', { ...photos.request, url: 'http://photos.example.net/photo' }],
    ['a parameter', { ...photos.request, parameters: [['file', 'vacation.jpg']] as const }],
  ])('do not fit another request: %s', (_what, request) => {
    const oauth = readAuthorization(photos.header) ?? new Map<string, string>();
    expect(isSignedWith(request, oauth, photos.secrets)).toBe(false);
  });

  it('do not fit other secrets, nor when there is none', () => {
    const oauth = readAuthorization(photos.header) ?? new Map<string, string>();
    expect(isSignedWith(photos.request, oauth, { ...photos.secrets, tokenSecret: '' })).toBe(false);
    const unsigned = new Map([...oauth].filter(([name]) => name !== 'oauth_signature'));
    expect(isSignedWith(photos.request, unsigned, photos.secrets)).toBe(false);
  });

  it('cover repeated names, sorted by their values when encoded', () => {
    const request = {
      method: 'get',
      url: 'http://example.com/r',
      parameters: [
        ['a', '2'],
        ['a', '10'],
        ['ä', ' '],
      ],
    } as const;
    expect(baseString(request, new Map())).toBe('GET&http%3A%2F%2Fexample.com%2Fr&%25C3%25A4%3D%2520%26a%3D10%26a%3D2');
  });
});

describe('reading the header', () => {
  it('refuses what is no list, and names that come twice', () => {
    for (const header of ['Bearer x', 'OAuth', 'OAuth a', 'OAuth a="1", a="2"', 'OAuth a="%E4"', 'OAuth a="1" b="2"']) {
      expect(readAuthorization(header)).toBeUndefined();
    }
  });

  it('encodes all but letters, digits and four marks', () => {
    expect(percentEncode("aZ09-._~ +!*'()/ü")).toBe('aZ09-._~%20%2B%21%2A%27%28%29%2F%C3%BC');
  });
});
