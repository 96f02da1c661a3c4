import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createTestHost, type TestHost } from '@millrace/component-runtime';
import type { Json, JsonObject } from '@millrace/component-sdk';
import { eventually, useVhost } from '@millrace/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { petstore } from './petstore.js';

const vhost = useVhost();

/** The built sandbox and the built component, as they run elsewhere: `npx tsc -b` makes them. */
const sandboxMain = fileURLToPath(new URL('../../../sandbox/dist/main.js', import.meta.url));
const petstoreMain = fileURLToPath(new URL('../dist/main.js', import.meta.url));

interface Started {
  child: ChildProcess;
  /** The first log line that has the given field. */
  field: string;
}

async function start(main: string, env: Record<string, string>, field: string): Promise<Started> {
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const value = (JSON.parse(line) as Record<string, string | number | undefined>)[field];
    if (value !== undefined) return { child, field: String(value) };
  }
  throw new Error(`${main} ended before it told its ${field}`);
}

async function stop(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const [code] = (await exit) as [number | null];
  return code;
}

let sandbox: Started;
let baseUrl: string;
let host: TestHost;

beforeAll(async () => {
  sandbox = await start(sandboxMain, { PORT: '0' }, 'url');
  baseUrl = `${sandbox.field}/petstore/v2`;
  host = createTestHost(petstore, { env: { PETSTORE_BASE_URL: `${baseUrl}/` } });
});

afterAll(async () => {
  await host.close();
  expect(await stop(sandbox.child)).toBe(0);
});

async function createPet(input: JsonObject, apiKey = 'secret', on = host): Promise<unknown> {
  const { outcome } = await on.run('createPet', { input, credential: { apiKey } });
  return outcome;
}

describe('Create a pet', () => {
  it('stores the pet with its status in lower case and emits it', async () => {
    const outcome = await createPet({ name: 'Gromit', status: 'Sold' });
    expect(outcome).toEqual({
      kind: 'succeeded',
      outputs: [{ id: expect.any(Number) as number, name: 'Gromit', status: 'sold' }],
    });
    const found = await fetch(`${baseUrl}/pet/findByStatus?status=sold`, { headers: { 'api-key': 'secret' } });
    expect(await found.json()).toContainEqual((outcome as { outputs: unknown[] }).outputs[0]);
  });

  it("fails for good with the API's own reason when the API refuses the pet", async () => {
    expect(await createPet({ name: 'Gromit', status: 'eaten' })).toEqual({
      kind: 'failed',
      error: {
        code: 'peer_refused',
        message: `POST ${baseUrl}/pet answered 400: status: must be one of available, pending, sold`,
        detail: { status: 400 },
      },
      retry: { kind: 'never' },
    });
  });

  it('fails for good with the reason when the API refuses the key, and does not show the key', async () => {
    expect(await createPet({ name: 'Gromit', status: 'sold' }, 'known-to-nobody')).toEqual({
      kind: 'failed',
      error: {
        code: 'credential_refused',
        message: 'Petstore refused the API key: the API key is not known',
        detail: null,
      },
      retry: { kind: 'never' },
    });
  });

  it('names the field that is missing', async () => {
    expect(await createPet({ status: 'sold' })).toMatchObject({
      error: { code: 'invalid_input', detail: { problems: [{ pointer: '/name' }] } },
    });
  });

  it('leaves an API that is away to the retry policy, with the real cause', async () => {
    const away = createTestHost(petstore, { env: { PETSTORE_BASE_URL: 'http://127.0.0.1:1/petstore/v2' } });
    expect(await createPet({ name: 'Gromit', status: 'sold' }, 'secret', away)).toEqual({
      kind: 'failed',
      error: {
        code: 'peer_unavailable',
        message: 'POST http://127.0.0.1:1/petstore/v2/pet: connect ECONNREFUSED 127.0.0.1:1',
        detail: null,
      },
      retry: { kind: 'policy' },
    });
    await away.close();
  });

  it('ends its call when the time of the step is up', async () => {
    let ended = false;
    const silent = createServer((request) => request.on('close', () => (ended = true)));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const waiting = createTestHost(petstore, { env: { PETSTORE_BASE_URL: url } });
    const step = { input: { name: 'Gromit', status: 'sold' }, credential: { apiKey: 'secret' }, timeoutMs: 100 };
    expect((await waiting.run('createPet', step)).outcome).toMatchObject({ error: { code: 'timeout' } });
    await eventually(() => expect(ended).toBe(true));
    await waiting.close();
    silent.close();
  });
});

describe('Get pets by status', () => {
  const input = { scheduledAt: '2026-01-01T00:00:00.000Z' };
  const named = (name: string, status: string) => createPet({ name, status });

  async function poll(statuses: string[], snapshot: Json = null, apiKey = 'secret', on = host) {
    const step = { input, config: { statuses }, credential: { apiKey }, snapshot };
    const { outcome } = await on.run('getPetsByStatus', step);
    if (outcome.kind !== 'succeeded') throw new Error(JSON.stringify(outcome));
    return { names: outcome.outputs.map((pet) => (pet as { name: string }).name), snapshot: outcome.snapshot ?? null };
  }

  it('emits those that are there, and then only new ones', async () => {
    await named('Feathers', 'pending');
    await named('Preston', 'available');
    const first = await poll(['pending']);
    expect(first.names).toContain('Feathers');
    expect(first.names).not.toContain('Preston');
    expect((await poll(['pending'], first.snapshot)).names).toEqual([]);
    await named('Piella', 'pending');
    const third = await poll(['pending'], first.snapshot);
    expect(third.names).toEqual(['Piella']);
    expect((await poll(['pending'], third.snapshot)).names).toEqual([]);
    expect((await poll(['pending', 'available'], third.snapshot)).names).toContain('Preston');
  });

  it('emits a thousand at a time and none twice, however many there are', async () => {
    const pets = Array.from({ length: 2_500 }, (_, at) => ({ id: at * 3, name: `${at}`, status: 'sold' }));
    const many = createServer((_request, response) => response.end(JSON.stringify(pets)));
    await new Promise<void>((resolve) => many.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(many.address() as AddressInfo).port}`;
    const crowded = createTestHost(petstore, { env: { PETSTORE_BASE_URL: url } });
    const names: string[] = [];
    let snapshot: Json = null;
    for (const count of [1_000, 1_000, 500, 0]) {
      const polled = await poll(['sold'], snapshot, 'secret', crowded);
      expect(polled.names).toHaveLength(count);
      names.push(...polled.names);
      ({ snapshot } = polled);
    }
    expect(new Set(names).size).toBe(2_500);
    await crowded.close();
    many.close();
  });

  it('fails with the reason when the API refuses the key, and names a status that there is not', async () => {
    await expect(poll(['sold'], null, 'known-to-nobody')).rejects.toThrow('Petstore refused the API key');
    await expect(poll(['eaten'])).rejects.toThrow('/statuses/0');
  });
});

describe('the credential', () => {
  it('is checked against the API', async () => {
    expect(await host.verify({ apiKey: 'secret' })).toEqual({ ok: true, value: null });
    expect(await host.verify({ apiKey: 'known-to-nobody' })).toMatchObject({
      ok: false,
      error: { code: 'credential_refused', message: 'Petstore refused the API key: the API key is not known' },
    });
    expect(await host.verify({})).toMatchObject({ ok: false, error: { code: 'credential_invalid' } });
  });
});

describe('the process', () => {
  const key = Buffer.alloc(32, 1).toString('base64');

  it('becomes ready and ends with 0 on SIGTERM', async () => {
    const env = { AMQP_URL: vhost.amqpUrl, CREDENTIAL_KEY: key, HEALTH_PORT: '0', PETSTORE_BASE_URL: baseUrl };
    const { child, field: port } = await start(petstoreMain, env, 'healthPort');
    await eventually(async () => expect((await fetch(`http://127.0.0.1:${port}/health/ready`)).status).toBe(200), {
      timeoutMs: 10_000,
    });
    expect(await stop(child)).toBe(0);
  });

  it('ends with 1 and says what is missing', async () => {
    const child = spawn(process.execPath, [petstoreMain], {
      env: { CREDENTIAL_KEY: key },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let told = '';
    child.stderr.on('data', (chunk) => (told += String(chunk)));
    expect((await once(child, 'close'))[0]).toBe(1);
    expect(told).toContain('PETSTORE_BASE_URL: is missing (address of the Petstore API');
    expect(told).toContain('AMQP_URL: is missing');
    expect(told).not.toContain(key);
  });
});
