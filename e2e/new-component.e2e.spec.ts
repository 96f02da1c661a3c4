/*
 * What `npm run new-component` makes, in a copy of the repository: built there, started with the settings that its own list of
 * services gives it, beside all processes of this one, and used in a flow as a person would.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createCredential, createRunningFlow } from '@millrace/dev';
import { eventually } from '@millrace/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeClone, type Clone } from '../tools/new-component/src/clone.fixture.js';
import { runStack, type RunningStack } from './support/running-stack.js';
import { call, type Page, type Run } from './support/tutorial.js';

const items: { id: number; name: string }[] = [];

let clone: Clone;
let running: RunningStack;
const undo: (() => unknown)[] = [];
beforeAll(async () => {
  clone = makeClone();
  undo.push(() => clone.remove());
  expect(await clone.node('tools/run.mjs', 'new-component', 'my-shop')).toMatchObject({ ok: true });
  const built = await clone.node('node_modules/typescript/bin/tsc', '-b', 'apps/components/my-shop', 'tools/dev');
  expect(built).toMatchObject({ ok: true });
  const shop = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://shop');
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      if (request.headers.authorization !== 'Bearer good') {
        response.writeHead(401).end('{"message":"the key is not known"}');
      } else if (request.method === 'POST') {
        items.push({ id: items.length + 1, ...(JSON.parse(body) as { name: string }) });
        response.end(JSON.stringify(items.at(-1)));
      } else {
        const after = Number(searchParams.get('after'));
        response.end(JSON.stringify(pathname === '/me' ? {} : items.filter(({ id }) => id > after)));
      }
    });
  }).listen(0, '127.0.0.1');
  await once(shop, 'listening');
  undo.push(() => shop.close().closeAllConnections());
  running = await runStack();
  undo.push(() => running.stop());
  const component = spawn(process.execPath, ['apps/components/my-shop/dist/main.js'], {
    cwd: clone.folder,
    env: {
      ...(await settingsOfMyShop()),
      HEALTH_PORT: '0',
      MY_SHOP_BASE_URL: `http://127.0.0.1:${(shop.address() as AddressInfo).port}`,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  undo.push(() => end(component));
});
afterAll(async () => {
  for (const step of undo.toReversed()) await step();
});

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

/** As `npm start` of the clone would give them to it. */
async function settingsOfMyShop(): Promise<Record<string, string>> {
  const { broker, masterKey, stack } = running;
  const script = `
    import { choosePorts, serviceEntry, serviceEnv } from '@millrace/dev';
    const masterKey = Buffer.from(${JSON.stringify(masterKey.toString('hex'))}, 'hex');
    const settings = { databaseUrl: '', amqpUrl: ${JSON.stringify(broker.amqpUrl)}, masterKey, ports: await choosePorts() };
    if (serviceEntry('component-my-shop') !== 'apps/components/my-shop/dist/main.js') throw new Error('another entry');
    process.stdout.write(JSON.stringify(serviceEnv('component-my-shop', settings)));
  `;
  const { text } = await clone.node('--input-type=module', '--eval', script);
  return { ...(JSON.parse(text) as Record<string, string>), API_URL: stack.urls.api };
}

it('a component that was just made verifies credentials and runs in flows, as an action and as a trigger', async () => {
  const { api } = running;
  const make = (apiKey: string) => createCredential(api, { component: 'my-shop', name: apiKey, fields: { apiKey } });
  await eventually(async () => expect(await api.get('/v1/components/my-shop')).toMatchObject({ title: 'My shop' }), {
    timeoutMs: 30_000,
  });
  await expect(make('bad')).rejects.toThrow('the key is not known');
  const credentialId = await make('good');
  const open = await createCredential(api, { component: 'webhook', name: 'Open', fields: { type: 'none' } });
  const mine = { component: 'my-shop', credentialId };
  const orders = await createRunningFlow(api, {
    name: 'Orders',
    draft: {
      steps: [
        { id: 'step_1', component: 'webhook', operation: 'receive', credentialId: open },
        { ...mine, id: 'step_2', operation: 'createItem', mapping: { name: 'title' } },
      ],
      edges: [{ from: 'step_1', to: 'step_2' }],
    },
  });
  expect((await call(orders.webhookUrl, { title: 'Gromit' })).status).toBe(200);
  await eventually(() => expect(items).toEqual([{ id: 1, name: 'Gromit' }]), { timeoutMs: 30_000 });

  const news = await createRunningFlow(api, {
    name: 'News',
    draft: { steps: [{ ...mine, id: 'step_1', operation: 'newItems', schedule: { everySeconds: 10 } }], edges: [] },
  });
  await eventually(
    async () => {
      const runs = await api.get<Page<Run>>(`/v1/runs?flowId=${news.id}`);
      expect(runs.items).toMatchObject([{ status: 'succeeded' }]);
    },
    { timeoutMs: 60_000 },
  );
});
