import { createServer, type Server } from 'node:http';
import { type AddressInfo, isIP, type LookupFunction } from 'node:net';
import { type Agent, request } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AddressRefusedError } from './address-refused-error.js';
import { createGuardedAgent, createTrustedAgent } from './guarded-agent.js';
import { parseOutgoingAllow, publicOnly } from './outgoing-rules.js';

let server: Server;
let port: number;
const paths: (string | undefined)[] = [];
const agents: Agent[] = [];
let sockets = 0;

beforeAll(async () => {
  server = createServer((incoming, response) => {
    paths.push(incoming.url);
    if (incoming.url === '/redirect') response.writeHead(302, { location: `http://127.0.0.1:${port}/inside` }).end();
    else response.setHeader('connection', incoming.url === '/once' ? 'close' : 'keep-alive').end('answer');
  });
  server.on('connection', () => (sockets += 1));
  // Dual-stack, so that every spelling that got past the guard would reach it.
  await new Promise<void>((resolve) => server.listen(0, '::', resolve));
  port = (server.address() as AddressInfo).port;
});

afterEach(async () => {
  await Promise.all(agents.splice(0).map((agent) => agent.close()));
  paths.length = 0;
  sockets = 0;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function agent(allow = '', lookup?: LookupFunction): Agent {
  const { rules } = parseOutgoingAllow(allow);
  const made = createGuardedAgent({ rules, connectTimeoutMs: 1000, connections: 1, ...(lookup ? { lookup } : {}) });
  agents.push(made);
  return made;
}

/** A resolver that answers each question with the next of `answers`. */
function resolver(...answers: readonly string[][]): LookupFunction {
  let asked = 0;
  return (_hostname, _options, callback) => {
    const answer = answers[Math.min(asked++, answers.length - 1)] ?? [];
    process.nextTick(() =>
      callback(
        null,
        answer.map((address) => ({ address, family: isIP(address) })),
      ),
    );
  };
}

async function call(dispatcher: Agent, url: string): Promise<string> {
  const answer = await request(url, { dispatcher });
  return answer.body.text();
}

describe('the guarded agent', () => {
  it.each([
    'http://127.0.0.1:PORT/',
    'http://127.1:PORT/',
    'http://2130706433:PORT/',
    'http://0x7f000001:PORT/',
    'http://0177.0.0.1:PORT/',
    'http://0.0.0.0:PORT/',
    'http://[::1]:PORT/',
    'http://[::]:PORT/',
    'http://[::ffff:127.0.0.1]:PORT/',
    'http://[0:0:0:0:0:ffff:7f00:1]:PORT/',
    'http://localhost:PORT/',
    'https://127.0.0.1:PORT/',
    'https://localhost:PORT/',
  ])('opens no socket for %s', async (url) => {
    await expect(call(agent(), url.replace('PORT', String(port)))).rejects.toBeInstanceOf(AddressRefusedError);
    expect(sockets).toBe(0);
  });

  it('says which address it was and which setting opens it', async () => {
    const lookup = resolver(['10.20.30.40']);
    await expect(call(agent('', lookup), 'http://crm.example/')).rejects.toThrow(
      'crm.example resolves to 10.20.30.40, which is a private address, and Millrace calls only the public internet: the operator can allow it with OUTGOING_ALLOW',
    );
  });

  it('judges a name anew for each connection, so that one that turns to the inside gains nothing', async () => {
    const guarded = agent('127.0.0.2', resolver(['127.0.0.2'], ['127.0.0.1']));
    expect(await call(guarded, `http://rebinding.example:${port}/once`)).toBe('answer');
    await expect(call(guarded, `http://rebinding.example:${port}/second`)).rejects.toBeInstanceOf(AddressRefusedError);
    expect(paths).toEqual(['/once']);
  });

  it('asks once per connection: the address that was judged is the one that is connected to', async () => {
    const guarded = agent('127.0.0.2', resolver(['127.0.0.2'], ['127.0.0.1']));
    expect(await call(guarded, `http://rebinding.example:${port}/kept`)).toBe('answer');
    expect(await call(guarded, `http://rebinding.example:${port}/kept`)).toBe('answer');
    expect(sockets).toBe(1);
  });

  it('connects to the good ones of several addresses only', async () => {
    // Nobody listens on 127.0.0.3, so that an address that was left in would be tried after it.
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.3', resolve));
    const closedPort = (free.address() as AddressInfo).port;
    await new Promise((resolve) => free.close(resolve));
    const inside = createServer((_request, response) => response.end('inside'));
    let reached = 0;
    inside.on('connection', () => (reached += 1));
    await new Promise<void>((resolve) => inside.listen(closedPort, '127.0.0.1', resolve));
    try {
      const guarded = agent('127.0.0.3', resolver(['127.0.0.3', '127.0.0.1', '::1']));
      await expect(call(guarded, `http://mixed.example:${closedPort}/`)).rejects.toThrow('ECONNREFUSED');
      expect(reached).toBe(0);
    } finally {
      await new Promise((resolve) => inside.close(resolve));
    }
  });

  it('calls what the operator allows', async () => {
    expect(await call(agent('127.0.0.0/8'), `http://127.0.0.1:${port}/`)).toBe('answer');
    expect(await call(agent('localhost'), `http://localhost:${port}/`)).toBe('answer');
    expect(await call(agent('::1'), `http://[::1]:${port}/`)).toBe('answer');
  });

  it('hands a redirect back instead of following it', async () => {
    const answer = await request(`http://127.0.0.1:${port}/redirect`, { dispatcher: agent('127.0.0.1') });
    await answer.body.dump();
    expect(answer.statusCode).toBe(302);
    expect(paths).toEqual(['/redirect']);
  });

  it('speaks http and https alone', async () => {
    await expect(call(agent('127.0.0.1'), `ftp://127.0.0.1:${port}/`)).rejects.toThrow(/http/);
  });

  it('passes on that a name is unknown', async () => {
    const unknown: LookupFunction = (hostname, _options, callback) =>
      callback(Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: 'ENOTFOUND' }), []);
    await expect(call(agent('', unknown), 'http://nowhere.example/')).rejects.toThrow('ENOTFOUND nowhere.example');
    await expect(call(agent('', resolver([])), 'http://nowhere.example/')).rejects.toThrow('ENOTFOUND nowhere.example');
  });
});

describe('the agent for addresses that the operator set', () => {
  it('calls them whatever they are', async () => {
    const trusted = createTrustedAgent();
    agents.push(trusted);
    expect(publicOnly.refusal('127.0.0.1', '127.0.0.1')).toBeDefined();
    expect(await call(trusted, `http://127.0.0.1:${port}/`)).toBe('answer');
  });
});
