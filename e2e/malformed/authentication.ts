import { createHmac } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { bombs } from './bombs.js';
import { hookSecrets, type FlowName } from './flows.js';
import { canary, framed, head, type Expected, type MalformedRequest, type Subject } from './request.js';

const unauthorized = { status: 401, code: 'unauthorized' } as const;
const challenged: Expected = { ...unauthorized, headers: { 'www-authenticate': /^Basic realm="/ } };
const tooLarge = { status: 431, code: 'headers_too_large' } as const;
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

const type = 'application/json';
const body = '{"petname": "Gromit"}';
const { username, password, hmac } = hookSecrets;
const basic = (text: string, encoding: BufferEncoding = 'utf8'): string =>
  `Basic ${Buffer.from(text, encoding).toString('base64')}`;
const sign = (content: string | Buffer, { secret = hmac, algorithm = 'sha256' } = {}): string =>
  createHmac(algorithm, secret).update(content).digest('hex');
const signatureHeader = 'x-millrace-signature';

/** A request that would be good if its headers proved who sends it. */
function posted(name: string, flow: FlowName, headers: readonly string[], expected: Expected): MalformedRequest {
  return { name, wire: framed({ flow, type, headers, body }), expected };
}

/** The same fault with every method. */
function onEveryMethod(
  name: string,
  flow: FlowName,
  headers: readonly string[],
  expected: Expected,
): MalformedRequest[] {
  return methods.map((method) => ({
    name: `${name} on ${method}`,
    wire: framed({ flow, method, headers }),
    ...(method === 'HEAD' ? { method } : {}),
    expected,
  }));
}

const right = basic(`${username}:${password}`);
const wrongBasic: [name: string, authorization: string][] = [
  ['an empty Authorization', ''],
  ['Basic alone', 'Basic'],
  ['Basic and white space', 'Basic '],
  ['another scheme with the right credentials', right.replace('Basic', 'Bearer')],
  ['a token', `Bearer ${canary}`],
  ['Digest', 'Digest username="wallace", realm="a", nonce="b", uri="/", response="c"'],
  ['the right credentials without a scheme', right.slice('Basic '.length)],
  ['the right credentials that are not base64', `Basic ${username}:${password}`],
  ['credentials that are not base64', 'Basic !!!!'],
  ['no colon', basic(username)],
  ['an empty user and an empty password', basic(':')],
  ['an empty password', basic(`${username}:`)],
  ['an empty user', basic(`:${password}`)],
  ['a wrong password', basic(`${username}:${canary}`)],
  ['a wrong user', basic(`wendolene:${password}`)],
  ['the user in other letters', basic(`Wallace:${password}`)],
  ['the password in other letters', basic(`${username}:${password.toUpperCase()}`)],
  ['the beginning of the password', basic(`${username}:${password.slice(0, -1)}`)],
  ['a letter after the password', basic(`${username}:${password}x`)],
  ['a line feed after the password', basic(`${username}:${password}\n`)],
  ['a NUL after the password', basic(`${username}:${password}\0`)],
  ['the password up to its colon', basic(`${username}:${password.split(':')[0]}`)],
  ['the user and the password the other way round', basic(`${password}:${username}`)],
  ['the right credentials in UTF-16', basic(`${username}:${password}`, 'utf16le')],
  ['the right credentials encoded twice', basic(right.slice('Basic '.length))],
  ['the right credentials after others', `${basic('a:b')}, ${right}`],
  ['the name of a property', basic('__proto__:constructor')],
  ['15,000 letters', `Basic ${'A'.repeat(15_000)}`],
];

const basicFaults: MalformedRequest[] = [
  ...onEveryMethod('Basic: nothing', 'basic', [], challenged),
  ...onEveryMethod('Basic: a wrong password', 'basic', [`authorization: ${basic(`${username}:wrong`)}`], challenged),
  ...wrongBasic.map(([name, authorization]) =>
    posted(`Basic: ${name}`, 'basic', [`authorization: ${authorization}`], challenged),
  ),
  ...['proxy-authorization', 'x-authorization', 'authentication'].map((header) =>
    posted(`Basic: the right credentials in ${header}`, 'basic', [`${header}: ${right}`], challenged),
  ),
  posted('Basic: the right credentials in a cookie', 'basic', [`cookie: authorization=${right}`], challenged),
  posted(
    'Basic: two Authorizations of which the second is right',
    'basic',
    ['authorization: Basic YTpi', `authorization: ${right}`],
    {
      status: [400, 401],
    },
  ),
  posted('Basic: 20,000 letters', 'basic', [`authorization: Basic ${'A'.repeat(20_000)}`], tooLarge),
  {
    name: 'Basic: the right credentials in the query',
    wire: framed({ flow: 'basic', path: `?authorization=${encodeURIComponent(right)}`, type, body }),
    expected: challenged,
  },
  {
    name: 'Basic: broken JSON from nobody, who learns nothing about it',
    wire: framed({ flow: 'basic', type, body: '{"a":' }),
    expected: challenged,
  },
  {
    name: 'Basic: a file of 5 MB from nobody',
    wire: framed({ flow: 'basic', type: 'image/png', body: () => Buffer.alloc(5_000_000) }),
    expected: challenged,
  },
  {
    name: 'Basic: broken JSON with the right credentials',
    wire: framed({ flow: 'basic', type, headers: [`authorization: ${right}`], body: '{"a":' }),
    expected: { status: 400, code: 'invalid_body', line: 1, column: 6 },
  },
  {
    name: 'Basic: a method that is not taken with the right credentials',
    wire: framed({ flow: 'basic', method: 'TRACE', headers: [`authorization: ${right}`] }),
    expected: { status: 405, code: 'method_not_allowed' },
  },
];

const digest = sign(body);
const flipped = (Number.parseInt(digest.charAt(0), 16) ^ 1).toString(16) + digest.slice(1);
const wrongSignatures: [name: string, signature: string][] = [
  ['an empty signature', ''],
  ['a word', canary],
  ['a signature with a flipped bit', flipped],
  ['a signature that lacks a digit', digest.slice(0, -1)],
  ['a signature with a digit too many', `${digest}0`],
  ['half a signature', digest.slice(0, 32)],
  ['a signature twice', digest + digest],
  ['a signature with a letter that is no digit', `g${digest.slice(1)}`],
  ['a signature of zeros', '0'.repeat(64)],
  ['a signature with another secret', sign(body, { secret: 'another' })],
  ['a signature with an empty secret', sign(body, { secret: '' })],
  ['a signature of an empty body', sign('')],
  ['a signature of the body and a line feed', sign(`${body}\n`)],
  ['a signature of the body written anew', sign(JSON.stringify(JSON.parse(body)))],
  ['a signature with SHA-1', sign(body, { algorithm: 'sha1' })],
  ['a signature with SHA-512', sign(body, { algorithm: 'sha512' })],
  ['a signature in base64', Buffer.from(digest, 'hex').toString('base64')],
  ['a signature with the prefix of another sender', `sha1=${digest}`],
  ['the secret itself', hmac],
  ['two signatures in a list', `${flipped}, ${digest}`],
  ['15,000 letters', 'a'.repeat(15_000)],
];

const hmacFaults: MalformedRequest[] = [
  ...onEveryMethod('HMAC: nothing', 'hmac', [], unauthorized),
  ...onEveryMethod('HMAC: a signature of another body', 'hmac', [`${signatureHeader}: ${digest}`], unauthorized),
  ...wrongSignatures.map(([name, signature]) =>
    posted(`HMAC: ${name}`, 'hmac', [`${signatureHeader}: ${signature}`], unauthorized),
  ),
  ...['x-hub-signature-256', 'x-signature', 'authorization'].map((header) =>
    posted(`HMAC: the right signature in ${header}`, 'hmac', [`${header}: ${digest}`], unauthorized),
  ),
  posted(
    'HMAC: no signature and a header that names no algorithm',
    'hmac',
    [`${signatureHeader}-algorithm: none`],
    unauthorized,
  ),
  posted(
    'HMAC: two signatures of which the second is right',
    'hmac',
    [flipped, digest].map((text) => `${signatureHeader}: ${text}`),
    {
      status: [400, 401],
    },
  ),
  posted('HMAC: 20,000 letters', 'hmac', [`${signatureHeader}: ${'a'.repeat(20_000)}`], tooLarge),
  {
    name: 'HMAC: the right signature in the query',
    wire: framed({ flow: 'hmac', path: `?${signatureHeader}=${digest}`, type, body }),
    expected: unauthorized,
  },
  {
    name: 'HMAC: the right signature as a trailer',
    wire: head(
      [
        'POST {hmac} HTTP/1.1',
        'host: a',
        `content-type: ${type}`,
        'transfer-encoding: chunked',
        `trailer: ${signatureHeader}`,
      ],
      `${body.length.toString(16)}\r\n${body}\r\n0\r\n${signatureHeader}: ${digest}\r\n\r\n`,
    ),
    expected: unauthorized,
  },
  {
    name: 'HMAC: a body with a flipped bit',
    wire: framed({ flow: 'hmac', type, headers: [`${signatureHeader}: ${digest}`], body: body.replace('G', 'F') }),
    expected: unauthorized,
  },
  {
    name: 'HMAC: a signature of the body before it was compressed',
    wire: framed({
      flow: 'hmac',
      type,
      headers: [`${signatureHeader}: ${digest}`, 'content-encoding: gzip'],
      body: gzipSync(body),
    }),
    expected: unauthorized,
  },
  ...(
    [
      ['broken JSON', type, '{"a":', { status: 400, code: 'invalid_body', line: 1, column: 6 }],
      ['JSON with __proto__', type, '{"__proto__": 1}', { status: 400, code: 'invalid_body' }],
      ['a content type that cannot be read', 'json', body, { status: 415, code: 'unsupported_media_type' }],
      ['parts that break off', 'multipart/form-data; boundary=a', '--a\r\n', { status: 400, code: 'invalid_body' }],
    ] as const
  ).map(([name, contentType, content, expected]) => ({
    name: `HMAC: ${name} with the right signature`,
    wire: framed({ flow: 'hmac', type: contentType, headers: [`${signatureHeader}: ${sign(content)}`], body: content }),
    expected,
  })),
  {
    name: 'HMAC: broken JSON without a signature, whose sender learns nothing about it',
    wire: framed({ flow: 'hmac', type, body: '{"a":' }),
    expected: unauthorized,
  },
  {
    name: 'HMAC: gzip of 1 GB with the right signature',
    wire: (flows) =>
      framed({
        flow: 'hmac',
        type,
        headers: ['content-encoding: gzip', `${signatureHeader}: ${sign(bombs.gzip())}`],
        body: bombs.gzip,
      })(flows),
    expected: { status: 413, code: 'body_too_large' },
  },
];

export const authentication: Subject = { name: 'authentication', requests: [...basicFaults, ...hmacFaults] };
