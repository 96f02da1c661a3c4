/*
 * The everyday components together, with all processes: one flow transforms an order, drops what is no order, splits it, looks up
 * the price of each line with http, page by page, gathers the lines again, and sends them, signed, to another flow, which
 * checks the signature by the same credential.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createCredential, createRunningFlow, type CreatedFlow } from '@millrace/dev';
import { eventually } from '@millrace/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runStack, type RunningStack } from './support/running-stack.js';
import { call, type Page, type Run } from './support/tutorial.js';

const prices: Record<string, number> = { tea: 3, cheese: 5, crackers: 2 };

let running: RunningStack;
let shop: Server;
let sending: CreatedFlow;
let receiving: CreatedFlow;
beforeAll(async () => {
  shop = createServer((request, response) => {
    const sku = new URL(request.url ?? '', 'http://shop').pathname.slice(1);
    const known = request.headers['x-api-key'] === 'shop-key';
    response.writeHead(known ? 200 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify(known ? { sku, price: prices[sku] } : { error: 'who are you?' }));
  });
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
  const shopUrl = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`;
  running = await runStack();
  const { api } = running;
  const open = await createCredential(api, { component: 'webhook', name: 'Open', fields: { type: 'none' } });
  const signed = await createCredential(api, {
    component: 'webhook',
    name: 'Signed',
    fields: { type: 'hmac', preset: 'standard-webhooks', secret: `whsec_${Buffer.alloc(24, 3).toString('base64')}` },
  });
  const key = await createCredential(api, {
    component: 'http',
    name: 'Shop',
    fields: { type: 'apiKey', name: 'X-Api-Key', value: 'shop-key', hosts: ['127.0.0.1'] },
  });
  const receive = { id: 'step_1', component: 'webhook', operation: 'receive' };
  receiving = await createRunningFlow(api, {
    name: 'Receiving',
    draft: { steps: [{ ...receive, credentialId: signed }], edges: [] },
  });
  sending = await createRunningFlow(api, {
    name: 'Sending',
    draft: {
      steps: [
        { ...receive, credentialId: open },
        {
          id: 'step_2',
          component: 'core',
          operation: 'transform',
          config: { expression: '{ "kind": kind, "lines": lines.{ "sku": $lowercase(sku), "n": n } }' },
        },
        { id: 'step_3', component: 'core', operation: 'filter', config: { condition: 'kind = "order"' } },
        { id: 'step_4', component: 'core', operation: 'split', config: { items: 'lines' } },
        {
          id: 'step_5',
          component: 'http',
          operation: 'request',
          credentialId: key,
          mapping: { url: `"${shopUrl}/" & item.sku` },
        },
        {
          id: 'step_6',
          component: 'core',
          operation: 'collect',
          mapping: { sku: 'body.sku', sum: 'body.price * $steps.step_4.item.n' },
        },
        {
          id: 'step_7',
          component: 'webhook',
          operation: 'send',
          credentialId: signed,
          mapping: {
            url: `"${receiving.webhookUrl}"`,
            body: { lines: 'items', total: '$sum(items.sum)', why: 'reason' },
          },
        },
      ],
      edges: [1, 2, 3, 4, 5, 6].map((step) => ({ from: `step_${step}`, to: `step_${step + 1}` })),
    },
  });
});
afterAll(async () => {
  await running?.stop();
  shop.closeAllConnections();
  await new Promise((resolve) => shop.close(resolve));
});

const send = async (body: object): Promise<string> =>
  ((await (await call(sending.webhookUrl, body)).json()) as { requestId: string }).requestId;

async function ended(requestId: string): Promise<Run> {
  return eventually(
    async () => {
      const run = await running.api.get<Run>(`/v1/runs/${requestId}`);
      expect(run.status).toBe('succeeded');
      return run;
    },
    { timeoutMs: 30_000 },
  );
}

it('an order goes through transform, filter, split, http, collect and send to another flow', async () => {
  const lines = [
    { sku: 'TEA', n: 2 },
    { sku: 'Cheese', n: 1 },
    { sku: 'crackers', n: 10 },
  ];
  const run = await ended(await send({ kind: 'order', lines }));
  expect(run.steps.filter(({ stepId }) => stepId === 'step_6')).toHaveLength(3);
  const [received] = await eventually(
    async () => {
      const { items } = await running.api.get<Page<Run>>(`/v1/runs?flowId=${receiving.id}`);
      expect(items).toHaveLength(1);
      return items;
    },
    { timeoutMs: 20_000 },
  );
  const { steps } = await ended(received!.id);
  expect(steps[0]?.output).toEqual({
    lines: [
      { sku: 'tea', sum: 6 },
      { sku: 'cheese', sum: 5 },
      { sku: 'crackers', sum: 20 },
    ],
    total: 31,
    why: 'branches',
  });

  const other = await ended(await send({ kind: 'quote', lines }));
  expect(other.steps.map(({ stepId }) => stepId)).toEqual(['step_1', 'step_2', 'step_3']);
});

it('a bad expression is told with its place when the flow is published', async () => {
  const { api } = running;
  const flow = await api.post<CreatedFlow>('/v1/flows', { name: 'Faulty' });
  const step = (id: string, config: object): object => ({ id, component: 'core', operation: 'transform', config });
  const { problems } = await api.put<{ problems: { pointer: string; code: string; message: string }[] }>(
    `/v1/flows/${flow.id}/draft`,
    {
      steps: [
        { id: 'step_1', component: 'timer', operation: 'tick' },
        step('step_2', { expression: '{ "a": ' }),
        step('step_3', { expression: '$request.method' }),
      ],
      edges: [
        { from: 'step_1', to: 'step_2' },
        { from: 'step_1', to: 'step_3' },
      ],
    },
  );
  expect(problems).toMatchObject([
    { pointer: '/steps/1/config/expression', code: 'invalid_expression' },
    { pointer: '/steps/2/config/expression', code: 'unknown_output' },
  ]);
});
