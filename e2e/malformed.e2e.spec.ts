import { eventually } from '@millrace/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { subjects } from './malformed/corpus.js';
import { createHookFlows, hookSecrets, type FlowName, type HookFlowSet } from './malformed/flows.js';
import { goodRequests } from './malformed/good-requests.js';
import { forgetPeak, memoryOf, type Memory } from './malformed/memory.js';
import { canary } from './malformed/request.js';
import { slow } from './malformed/slow.js';
import { judgeAll } from './malformed/verdict.js';
import { runStack, type RunningStack } from './support/running-stack.js';
import { allRuns } from './support/tutorial.js';

/** What its container may take (k8s/base/webhooks-service.yaml), of which Node takes half as its heap. */
const containerMib = 512;
const heapMib = containerMib / 2;
/** What V8 may fill before it has to collect. Measured: 130 to 220 MiB more than before once all is over, 400 MiB in all. */
const mostMoreMib = heapMib;
const atATime = 16;

let running: RunningStack;
let flows: HookFlowSet;
let port: number;
let pid: number;
let before: Memory | undefined;
let slowAnswers: Promise<Record<string, string[]>>;
const accepted: string[] = [];

beforeAll(async () => {
  running = await runStack({ 'webhooks-service': { NODE_OPTIONS: `--max-old-space-size=${heapMib}` } });
  flows = await createHookFlows(running.api);
  const service = running.stack.service('webhooks-service');
  port = service.port;
  pid = service.pid ?? 0;
  await sendGoodRequests();
  before = memoryOf(pid);
  if (before) forgetPeak(pid);
  slowAnswers = judgeAll(slow.requests, { port, flows, timeoutMs: 60_000, atATime: slow.requests.length });
});
afterAll(() => running.stop());

/** Sends one of each kind at the same time and keeps the ids of their runs. */
async function sendGoodRequests(): Promise<void> {
  const answers = await Promise.all(
    goodRequests().map(async ({ name, flow = 'open', init }) => {
      const url = `http://127.0.0.1:${port}${flows.path(flow)}`;
      const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) });
      return { name, status: answer.status, body: (await answer.json()) as { requestId: string } };
    }),
  );
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  accepted.push(...answers.map(({ body }) => body.requestId));
}

describe('malformed requests', () => {
  it('are at least 300, each with a name of its own', () => {
    const names = [...subjects, slow].flatMap(({ requests }) => requests.map(({ name }) => name));
    expect(names.length).toBeGreaterThanOrEqual(300);
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  it.each(subjects)(
    'with faults in $name are refused with the reason, and good ones are taken',
    async ({ requests }) => {
      expect(await judgeAll(requests, { port, flows, timeoutMs: 20_000, atATime })).toEqual({});
      await sendGoodRequests();
    },
  );

  it('that come in too slowly are refused, and good ones are taken', async () => {
    expect(await slowAnswers).toEqual({});
    await sendGoodRequests();
  });

  it('leave one run for each good request and none for themselves', async () => {
    const names: FlowName[] = ['open', 'basic', 'hmac', 'postOnly', 'stopped'];
    await eventually(
      async () => {
        const runs = await Promise.all(names.map((name) => allRuns(running.api, flows.id(name))));
        const ids = runs.flat().map(({ id }) => id.replaceAll('-', ''));
        expect(ids.sort()).toEqual([...accepted].sort());
      },
      { timeoutMs: 20_000, intervalMs: 500 },
    );
  });

  it('leave no secret and no unforeseen fault in the log', () => {
    const { lines } = running.stack.service('webhooks-service');
    const secrets = [canary, hookSecrets.password, hookSecrets.hmac];
    expect(lines.filter((line) => secrets.some((secret) => line.includes(secret)))).toEqual([]);
    expect(lines.filter((line) => /"level":"(?:error|fatal)"/.test(line))).toEqual([]);
  });

  it('leave the service running in the memory that it had', () => {
    expect(running.stack.service('webhooks-service').pid).toBe(pid);
    const after = memoryOf(pid);
    if (!before || !after) return;
    expect(after.residentMib).toBeLessThan(before.residentMib + mostMoreMib);
    expect(after.peakMib).toBeLessThan(containerMib);
  });
});
