import { createLogger } from '@millrace/observability';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSandbox, type RunningSandbox } from './sandbox.js';

let sandbox: RunningSandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ PORT: '0' }, createLogger({ service: 'spec', level: 'silent' }));
});
afterAll(() => sandbox.close());

interface Answer {
  status: number;
  body: unknown;
}

async function call(
  path: string,
  options: { key?: string; json?: string; method?: 'POST' | 'PUT' } = {},
): Promise<Answer> {
  const { key = 'secret', json, method = 'POST' } = options;
  const response = await fetch(`${sandbox.url}/petstore/v2${path}`, {
    headers: {
      ...(key === '' ? {} : { 'api-key': key }),
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(json === undefined ? {} : { method, body: json }),
  });
  return { status: response.status, body: await response.json() };
}

async function create(name: string, status: string): Promise<{ id: number }> {
  const answer = await call('/pet', { json: JSON.stringify({ name, status }) });
  expect(answer.status).toBe(201);
  return answer.body as { id: number };
}

describe('the Petstore API', () => {
  it('creates a pet with its status in lower case and finds it by id', async () => {
    const pet = await create('Gromit', 'Sold');
    expect(pet).toEqual({ id: pet.id, name: 'Gromit', status: 'sold' });
    expect(await call(`/pet/${pet.id}`)).toEqual({ status: 200, body: pet });
  });

  it('finds pets by one status or several', async () => {
    const pending = await create('Wallace', 'pending');
    const available = await create('Feathers', 'AVAILABLE');
    expect((await call('/pet/findByStatus?status=pending')).body).toContainEqual(pending);
    expect((await call('/pet/findByStatus?status=Pending')).body).not.toContainEqual(available);
    for (const query of ['status=pending,available', 'status=pending&status=available']) {
      const { body } = await call(`/pet/findByStatus?${query}`);
      expect(body).toContainEqual(pending);
      expect(body).toContainEqual(available);
    }
  });

  it('changes a pet as a whole, and counts pets by status', async () => {
    const put = (pet: object) => call('/pet', { method: 'PUT', json: JSON.stringify(pet) });
    const { id } = await create('Shaun', 'available');
    const before = (await call('/store/inventory')).body as Record<string, number>;
    const changed = { id, name: 'Timmy', status: 'sold' };
    expect(await put({ ...changed, status: 'SOLD' })).toEqual({ status: 200, body: changed });
    expect(await call(`/pet/${id}`)).toEqual({ status: 200, body: changed });
    const { available = 0, pending = 0, sold = 0 } = before;
    expect((await call('/store/inventory')).body).toEqual({ available: available - 1, pending, sold: sold + 1 });
    expect(await put({ ...changed, id: 999_999 })).toEqual({
      status: 404,
      body: { message: 'there is no pet 999999' },
    });
    expect(await put({ id, status: 'sold' })).toEqual({ status: 400, body: { message: 'name: must be a text' } });
    expect(await put({ ...changed, id: 'x' })).toMatchObject({
      status: 400,
      body: { message: 'id: must be a whole number' },
    });
    expect(await call('/pet', { method: 'PUT', json: '{}', key: 'wrong' })).toMatchObject({ status: 401 });
  });

  it('tells the statuses and who calls', async () => {
    expect(await call('/pet/statuses')).toEqual({ status: 200, body: ['available', 'pending', 'sold'] });
    expect(await call('/user/me')).toEqual({ status: 200, body: { id: 1, username: 'sandbox' } });
  });

  it.each(['/user/me', '/store/inventory', '/pet/1', '/pet/statuses', '/pet/findByStatus?status=sold'])(
    'refuses %s without the right key',
    async (path) => {
      expect(await call(path, { key: 'wrong' })).toEqual({
        status: 401,
        body: { message: 'the API key is not known' },
      });
      expect(await call(path, { key: '' })).toEqual({
        status: 401,
        body: { message: 'the header api-key is missing' },
      });
    },
  );

  it('does not create a pet without the right key', async () => {
    const before = await call('/pet/findByStatus?status=sold');
    expect(await call('/pet', { key: 'wrong', json: '{"name":"x","status":"sold"}' })).toMatchObject({ status: 401 });
    expect(await call('/pet/findByStatus?status=sold')).toEqual(before);
  });

  it.each([
    ['{"status":"sold"}', 'name: must be a text'],
    ['{"name":" ","status":"sold"}', 'name: must not be empty'],
    ['{"name":"a","status":"eaten"}', 'status: must be one of available, pending, sold'],
    ['{"name":1,"status":2}', 'name: must be a text; status: must be a text'],
    ['[]', 'the body: must be an object'],
    ['{"name":', expect.stringMatching(/JSON/) as string],
  ])('refuses %s and names the field', async (json, message) => {
    expect(await call('/pet', { json })).toEqual({ status: 400, body: { message } });
  });

  it.each([
    ['/pet/abc', 400, 'id: must be a whole number'],
    ['/pet/999999', 404, 'there is no pet 999999'],
    ['/pet/findByStatus', 400, 'status: is missing'],
    ['/pet/findByStatus?status=eaten', 400, 'status: must be one of available, pending, sold'],
  ])('answers %s with %i', async (path, status, message) => {
    expect(await call(path)).toEqual({ status, body: { message } });
  });
});

describe('the page', () => {
  it('lists the newest pets first, escaped, and loads nothing from elsewhere', async () => {
    await create('older', 'sold');
    await create('<script>alert("1")</script> & co', 'sold');
    const response = await fetch(sandbox.url);
    const html = await response.text();
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(html).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; co');
    expect(html).not.toMatch(/<script|src=|href=/);
    expect(html.indexOf('&lt;script')).toBeLessThan(html.indexOf('older'));
  });

  it('shows at most fifty pets and counts all', async () => {
    for (let i = 0; i < 60; i += 1) await create(`pet ${i}`, 'sold');
    const html = await (await fetch(sandbox.url)).text();
    expect(html.match(/<tr><td>/g)).toHaveLength(50);
    expect(html).toMatch(/\d+ pets, the newest 50 shown/);
  });
});

describe('health', () => {
  it('is live and ready', async () => {
    expect((await fetch(`${sandbox.url}/health/live`)).status).toBe(200);
    expect((await fetch(`${sandbox.url}/health/ready`)).status).toBe(200);
  });
});
