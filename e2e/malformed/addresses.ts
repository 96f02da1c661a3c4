import { canary, framed, head, type MalformedRequest, type Subject } from './request.js';

const host = 'host: hooks.example.com';
const nowhere = { status: 404, code: 'not_found' } as const;

/** A good request but for where it goes. */
function at(path: string, name = `the path ${path}`): MalformedRequest {
  return {
    name,
    wire: head([`POST ${path} HTTP/1.1`, host, 'content-type: application/json', 'content-length: 2'], '{}'),
    expected: nowhere,
  };
}

const paths: MalformedRequest[] = [
  at('/'),
  at('/hook'),
  at('/hook/'),
  at('/hook//'),
  at('/hook/*'),
  at('/hook/..'),
  at('/hook/../../etc/passwd'),
  at('/hook/%2e%2e/health/live'),
  at('/hook/..%2f..%2fetc%2fpasswd'),
  at('/hook/%5c..%5c'),
  at('/hook?flowId=1'),
  at('/hooks/1'),
  at('/v1/flows'),
  at('/.git/config'),
  at('/favicon.ico'),
  at(`/${canary}`),
  at(`/?token=${canary}`),
  at('/health/ready/now'),
  at('ftp://hooks.example.com{open}', 'an absolute URL of another scheme'),
  at('http://hooks.example.com/hook/1', 'an absolute URL of no flow'),
  at('http://hooks.example.com', 'an absolute URL without a path'),
  at('http://', 'an absolute URL without a host'),
  at('http:///hook/1', 'an absolute URL with an empty host'),
  at('/%68ook/1', 'a path whose letters are escaped'),
  at('/HOOK/1', 'a path in upper case'),
];

const unknown = '0198c0de-0000-7000-8000-00000000dead';
const ids: MalformedRequest[] = [
  at('/hook/1', 'a flow id of one digit'),
  at(`/hook/${unknown}`, 'a flow id that nobody has'),
  at(`/hook/${unknown.replaceAll('-', '')}`, 'a flow id without dashes that nobody has'),
  at('/hook/00000000-0000-0000-0000-000000000000', 'a flow id of zeros'),
  at('/hook/ffffffff-ffff-ffff-ffff-ffffffffffff', 'a flow id of ones'),
  at(`/hook/${unknown.slice(0, -1)}`, 'a flow id that lacks a digit'),
  at(`/hook/${unknown}0`, 'a flow id with a digit too many'),
  at(`/hook/${unknown.slice(0, -1)}g`, 'a flow id with a letter that is no digit'),
  at(`/hook/{${unknown}}`, 'a flow id in braces'),
  at(`/hook/urn:uuid:${unknown}`, 'a flow id as a URN'),
  at('{open}0', 'the id of a flow and a digit'),
  at('{open}.json', 'the id of a flow and an ending'),
  at('{open};v=1', 'the id of a flow and a parameter'),
  at('{open}%20', 'the id of a flow and a space'),
  at('{open}%00', 'the id of a flow and a NUL'),
  at('{open}%0d%0ax-a:%20b', 'the id of a flow and a line break'),
  at('{open}%2fextra', 'the id of a flow and an escaped slash'),
  at('/hook/__proto__', 'a flow id that is __proto__'),
  at('/hook/constructor', 'a flow id that is constructor'),
  at("/hook/1'%20or%20'1'='1", 'a flow id that is SQL'),
  at(`/hook/${'a'.repeat(15_000)}`, 'a flow id of 15,000 letters'),
  at(`/hook/${'%61'.repeat(5_000)}`, 'a flow id of 5,000 escaped letters'),
  at(`/hook${'/a'.repeat(7_000)}`, 'a path of 7,000 segments'),
  at('{stopped}', 'a flow that is stopped'),
  at('{stopped}/extra?a=b', 'an extra path of a flow that is stopped'),
];

const escapes: MalformedRequest[] = [
  ['/hook/%', 'a flow id that is a percent sign'],
  ['/hook/%zz', 'a flow id with an escape that is no number'],
  ['/hook/%f', 'a flow id with half an escape'],
  ['/hook/%ff', 'a flow id with an escape that is no UTF-8'],
  ['/hook/%c0%ae%c0%ae', 'a flow id with dots in overlong UTF-8'],
  ['/hook/%ed%a0%80', 'a flow id with half a surrogate pair'],
  ['/%zz', 'an escape that is no number outside of the webhooks'],
  ['{open}/%zz', 'an extra path with an escape that is no number'],
  ['{open}/%', 'an extra path that ends within an escape'],
  ['{open}/%e0%a4%a', 'an extra path that ends within an escaped character'],
  ['{open}/a/%ff/b', 'an extra path with an escape that is no UTF-8'],
].map(([path = '', name = '']) => ({ ...at(path, name), expected: { status: [400, 404] } }));

const stopped: MalformedRequest[] = [
  {
    name: 'GET of a flow that is stopped',
    wire: framed({ flow: 'stopped', method: 'GET' }),
    expected: nowhere,
  },
  {
    name: 'broken JSON for a flow that is stopped',
    wire: framed({ flow: 'stopped', type: 'application/json', body: '{"a"' }),
    expected: nowhere,
  },
  {
    name: 'a file for a flow that is stopped',
    wire: framed({ flow: 'stopped', type: 'image/png', body: Buffer.alloc(1_000_000) }),
    expected: nowhere,
  },
  {
    name: 'a method that is not taken, of a flow that is stopped',
    wire: framed({ flow: 'stopped', method: 'OPTIONS' }),
    expected: nowhere,
  },
];

export const addresses: Subject = { name: 'addresses', requests: [...paths, ...ids, ...escapes, ...stopped] };

const ofThePostOnly: MalformedRequest[] = (['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const).map(
  (method): MalformedRequest => ({
    name: `${method} of a flow that takes POST alone`,
    wire: framed({ flow: 'postOnly', method }),
    ...(method === 'HEAD' ? { method } : {}),
    expected: { status: 405, code: 'method_not_allowed', headers: { allow: /^POST$/ } },
  }),
);

const takenByNoFlow: MalformedRequest[] = [
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'MKCOL',
  'LOCK',
  'COPY',
  'REPORT',
  'SEARCH',
  'M-SEARCH',
  'PURGE',
  'LINK',
].map((method) => ({
  name: `${method}, which the flow does not take`,
  wire: framed({ method, path: `/${canary}` }),
  expected: { status: 405, code: 'method_not_allowed', headers: { allow: /\bGET\b.*\bPOST\b/ } },
}));

const special: MalformedRequest[] = [
  {
    name: 'a body with a method that the flow does not take',
    wire: framed({ flow: 'postOnly', method: 'PUT', type: 'application/json', body: '{"a":' }),
    expected: { status: 405, code: 'method_not_allowed', headers: { allow: /^POST$/ } },
  },
  {
    name: 'another method in a header than in the request line',
    wire: framed({ flow: 'postOnly', method: 'GET', headers: ['x-http-method-override: POST'] }),
    expected: { status: 405, code: 'method_not_allowed', headers: { allow: /^POST$/ } },
  },
  { name: 'OPTIONS of the whole server', wire: head(['OPTIONS * HTTP/1.1', host]), expected: nowhere },
  {
    name: 'CONNECT, as to a proxy',
    wire: head(['CONNECT example.com:443 HTTP/1.1', 'host: example.com']),
    expected: { status: [400, 404, 405], hangsUp: true },
  },
  {
    name: 'CONNECT of a flow',
    wire: head(['CONNECT {open} HTTP/1.1', host]),
    expected: { status: [400, 404, 405], hangsUp: true },
  },
  {
    name: 'a request of RTSP for a flow',
    wire: head(['OPTIONS {open} RTSP/1.0', host]),
    expected: { status: [400, 405] },
  },
  {
    name: 'a request of Icecast for a flow',
    wire: head(['SOURCE {open} ICE/1.0', host]),
    expected: { status: [400, 405] },
  },
];

export const methods: Subject = { name: 'methods', requests: [...ofThePostOnly, ...takenByNoFlow, ...special] };
