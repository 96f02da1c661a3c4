import { canary, exact, head, type MalformedRequest, type Subject } from './request.js';

const host = 'host: hooks.example.com';
const unreadable = { status: 400, code: 'malformed_request', hangsUp: true } as const;

/** A whole request without a body whose first line is `line`. */
function line(name: string, first: string): MalformedRequest {
  return { name, wire: head([first, host]), expected: unreadable };
}

/** Bytes of which nothing is HTTP. */
function noise(name: string, bytes: string | Buffer): MalformedRequest {
  return { name, wire: typeof bytes === 'string' ? exact(bytes) : () => [bytes], expected: unreadable };
}

const tlsClientHello = Buffer.concat([
  Buffer.from('16030100a5010000a10303', 'hex'),
  Buffer.alloc(32, 0x5a),
  Buffer.from('000020cca8cca9c02fc030c02bc02cc013c009c014c00a009c009d002f0035c012000a', 'hex'),
  Buffer.alloc(96),
]);

const versions: MalformedRequest[] = [
  line('a request line without a version', 'POST {open}'),
  line('version 0.9', 'POST {open} HTTP/0.9'),
  line('version 1.2', 'POST {open} HTTP/1.2'),
  line('version 1 without a minor version', 'POST {open} HTTP/1'),
  line('version 1.10', 'POST {open} HTTP/1.10'),
  line('version 2.0 on a connection that speaks 1.1', 'POST {open} HTTP/2.0'),
  line('version 3.0', 'POST {open} HTTP/3.0'),
  line('a negative version', 'POST {open} HTTP/-1.1'),
  line('a version in lower case', 'POST {open} http/1.1'),
  line('a protocol that is not HTTP', 'POST {open} HTTPS/1.1'),
  line('the request line of RTSP', 'DESCRIBE rtsp://hooks.example.com{open} RTSP/9.0'),
  line('a space after the version', 'POST {open} HTTP/1.1 '),
  line('a word after the version', 'POST {open} HTTP/1.1 please'),
];

const targets: MalformedRequest[] = [
  line('two spaces where the target should be', 'POST  HTTP/1.1'),
  line('no target', 'POST HTTP/1.1'),
  line('a space within the target', 'POST {open}/a b HTTP/1.1'),
  line('a tab within the target', 'POST {open}/a\tb HTTP/1.1'),
  line('a NUL within the target', 'POST {open}/a\0b HTTP/1.1'),
  line('a carriage return within the target', 'POST {open}/a\rb HTTP/1.1'),
  line('a DEL within the target', 'POST {open}/a\x7fb HTTP/1.1'),
  line('an escape character within the query', 'POST {open}?a=\x1b[2J HTTP/1.1'),
  line('a byte beyond ASCII within the path', `POST {open}/${canary}\xff HTTP/1.1`),
  line('a target without its first slash', 'POST hook/1 HTTP/1.1'),
  line('a target with backslashes', 'POST \\hook\\1 HTTP/1.1'),
];

const methods: MalformedRequest[] = [
  line('a method in lower case', 'post {open} HTTP/1.1'),
  line('a method that does not exist', 'FOO {open} HTTP/1.1'),
  line('a method of which only the beginning is known', 'POSTING {open} HTTP/1.1'),
  line('a method with a space', 'PO ST {open} HTTP/1.1'),
  line('a space before the method', ' POST {open} HTTP/1.1'),
  line('a NUL within the method', 'PO\0ST {open} HTTP/1.1'),
  line('a method with a byte beyond ASCII', 'P\xd6ST {open} HTTP/1.1'),
  line('a method of 10,000 letters', `${'A'.repeat(10_000)} {open} HTTP/1.1`),
  line('a line of a proxy in front of the request', 'PROXY TCP4 192.0.2.1 192.0.2.2 1000 80\r\nPOST {open} HTTP/1.1'),
];

const lineEnds: MalformedRequest[] = [
  {
    name: 'a request line that ends with LF alone',
    wire: exact(`POST {open} HTTP/1.1\n${host}\r\n\r\n`),
    expected: unreadable,
  },
  {
    name: 'a request line that ends with CR alone',
    wire: exact(`POST {open} HTTP/1.1\r${host}\r\n\r\n`),
    expected: unreadable,
  },
  {
    name: 'a request all of whose lines end with LF alone',
    wire: exact(`POST {open} HTTP/1.1\n${host}\n\n`),
    expected: unreadable,
  },
];

const truncated: MalformedRequest[] = [
  'PO',
  'POST ',
  'POST {open}',
  'POST {open} HTTP/1',
  'POST {open} HTTP/1.1\r',
].map((text): MalformedRequest => ({
  name: `a request that ends after ${JSON.stringify(text)}`,
  wire: exact(text),
  afterwards: 'leaves',
  expected: unreadable,
}));

const otherProtocols: MalformedRequest[] = [
  noise('the greeting of TLS', tlsClientHello),
  noise('the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  noise('the binary header of the PROXY protocol', Buffer.from('0d0a0d0a000d0a515549540a2111000c', 'hex')),
  noise('the banner of SSH', 'SSH-2.0-OpenSSH_9.6\r\n'),
  noise('the greeting of SMTP', 'EHLO mail.example.com\r\n'),
  noise('a command of Redis', '*1\r\n$4\r\nPING\r\n'),
  noise('the header of AMQP', 'AMQP\0\0\x09\x01'),
  noise('the start of a session of Postgres', Buffer.from('0000000804d2162f', 'hex')),
  noise('an answer instead of a request', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'),
  noise('JSON without HTTP', `{"petname": "${canary}"}\r\n\r\n`),
  noise('NULs alone', Buffer.alloc(64)),
  noise('bytes that mean nothing', Buffer.from(Array.from({ length: 512 }, (_item, at) => (at * 167 + 129) % 256))),
];

export const requestLines: Subject = {
  name: 'request lines',
  requests: [...versions, ...targets, ...methods, ...lineEnds, ...truncated, ...otherProtocols],
};
