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

const credential = { apiKey: 'secret' };

async function outcomeOf(operation: string, input: JsonObject, apiKey = 'secret', on = host): Promise<unknown> {
  const { outcome } = await on.run(operation, { input, credential: { apiKey } });
  return outcome;
}

const createPet = (input: JsonObject, apiKey?: string, on?: TestHost) => outcomeOf('createPet', input, apiKey, on);

async function created(name: string, status: string): Promise<{ id: number; name: string; status: string }> {
  const outcome = await createPet({ name, status });
  return (outcome as { outputs: [{ id: number; name: string; status: string }] }).outputs[0];
}

describe('an API that has no pets yet', () => {
  it('gives a sample of a created pet all the same, and none of one that is changed or polled', async () => {
    const input = { name: 'Gromit', status: 'Sold' };
    expect(await host.sample('createPet', { credential, input })).toEqual({
      ok: true,
      value: { found: true, output: { id: 1, name: 'Gromit', status: 'sold' } },
    });
    for (const operation of ['updatePet', 'getPetsByStatus']) {
      expect(await host.sample(operation, { credential })).toEqual({ ok: true, value: { found: false } });
    }
    expect(await host.sample('findPetsByStatus', { credential })).toMatchObject({ value: { output: { count: 0 } } });
    expect(await host.options('updatePet', 'pets', { credential })).toMatchObject({ value: { items: [] } });
  });
});

describe.each(['createPet', 'createPetWithGenerator'])('%s', (operation) => {
  it('stores the pet and emits it', async () => {
    const outcome = await outcomeOf(operation, { name: 'Wendolene', status: 'Pending' });
    const [pet] = (outcome as { outputs: { id: number }[] }).outputs;
    expect(outcome).toEqual({ kind: 'succeeded', outputs: [{ id: pet?.id, name: 'Wendolene', status: 'pending' }] });
    const found = await fetch(`${baseUrl}/pet/${pet?.id}`, { headers: { 'api-key': 'secret' } });
    expect(await found.json()).toEqual(pet);
  });

  it('gives a pet that is there as its sample, of the mapped status if there is one, and creates none', async () => {
    const sold = await created('Lady', 'sold');
    const newest = await created('Totty', 'available');
    const inventory = () =>
      fetch(`${baseUrl}/store/inventory`, { headers: { 'api-key': 'secret' } }).then((a) => a.json());
    const before = await inventory();
    const sampleFor = (input: JsonObject) => host.sample(operation, { credential, input });
    expect(await sampleFor({ name: 'x', status: 'SOLD' })).toMatchObject({ value: { output: sold } });
    expect(await sampleFor({ status: 'eaten' })).toMatchObject({ value: { output: newest } });
    expect(await sampleFor({})).toMatchObject({ value: { output: newest } });
    expect(await inventory()).toEqual(before);
  });

  it('offers the statuses that the API knows', async () => {
    const items = [
      { value: 'available', label: 'Available' },
      { value: 'pending', label: 'Pending' },
      { value: 'sold', label: 'Sold' },
    ];
    expect(await host.options(operation, 'statuses', { credential })).toEqual({
      ok: true,
      value: { items, nextCursor: null },
    });
    expect(await host.options(operation, 'statuses', { credential: { apiKey: 'known-to-nobody' } })).toMatchObject({
      ok: false,
      error: { code: 'credential_refused', message: 'Petstore refused the API key: the API key is not known' },
    });
  });
});

describe('Update a pet', () => {
  it('changes what is given and leaves the rest', async () => {
    const { id } = await created('Hutch', 'available');
    expect(await outcomeOf('updatePet', { id, status: 'SOLD' })).toEqual({
      kind: 'succeeded',
      outputs: [{ id, name: 'Hutch', status: 'sold' }],
    });
    expect(await outcomeOf('updatePet', { id, name: 'Shopper 13' })).toMatchObject({
      outputs: [{ id, name: 'Shopper 13', status: 'sold' }],
    });
    expect(await host.sample('updatePet', { credential })).toMatchObject({ value: { output: { id } } });
  });

  it('fails for good with words on a pet that there is not, a status that there is not, and nothing to change', async () => {
    expect(await outcomeOf('updatePet', { id: 999_999, name: 'x' })).toMatchObject({
      error: { code: 'pet_unknown', message: 'Petstore has no pet 999999: choose another one' },
      retry: { kind: 'never' },
    });
    const { id } = await created('Hutch', 'available');
    expect(await outcomeOf('updatePet', { id, status: 'eaten' })).toMatchObject({
      error: { code: 'peer_refused', message: expect.stringContaining('must be one of available') as string },
    });
    expect(await outcomeOf('updatePet', { id })).toMatchObject({
      error: { code: 'invalid_input', message: expect.stringContaining('must have a name or a status') as string },
    });
    expect(await outcomeOf('updatePet', { id, name: 'x' }, 'known-to-nobody')).toMatchObject({
      error: { code: 'credential_refused' },
    });
  });

  it('offers the pets by name, the newest first, and finds them by a part of it', async () => {
    const { id } = await created('Preston the dog', 'sold');
    const option = { value: id, label: `Preston the dog (${id}, sold)` };
    expect(await host.options('updatePet', 'pets', { credential, search: 'the DOG' })).toMatchObject({
      value: { items: [option] },
    });
    const all = await host.options('updatePet', 'pets', { credential });
    expect(all.ok && (all.value as { items: unknown[] }).items[0]).toEqual(option);
  });
});

describe('Find pets by status', () => {
  it('gives all pets of the statuses as one list, and a short one as its sample', async () => {
    const mine = await created('Fluffles', 'pending');
    const outcome = (await outcomeOf('findPetsByStatus', { status: 'Pending, sold' })) as {
      outputs: [{ count: number; pets: { status: string }[] }];
    };
    const [{ count, pets }] = outcome.outputs;
    expect(pets).toContainEqual(mine);
    expect(count).toBe(pets.length);
    expect(pets.some(({ status }) => status === 'available')).toBe(false);
    const sample = await host.sample('findPetsByStatus', { credential, input: { status: 'pending' } });
    expect(sample).toMatchObject({ value: { found: true } });
    const { output } = (sample as { value: { output: { pets: unknown[] } } }).value;
    expect(output.pets.length).toBeLessThanOrEqual(3);
    expect(await outcomeOf('findPetsByStatus', { status: 'eaten' })).toMatchObject({ error: { code: 'peer_refused' } });
  });
});

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

  it('gives one pet as its sample, of the statuses that are chosen', async () => {
    const piella = await created('Piella', 'pending');
    const { id } = await created('Feathers', 'available');
    const config = { statuses: ['pending'] };
    expect(await host.sample('getPetsByStatus', { credential, config })).toMatchObject({ value: { output: piella } });
    expect(await host.sample('getPetsByStatus', { credential })).toMatchObject({ value: { output: { id } } });
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
