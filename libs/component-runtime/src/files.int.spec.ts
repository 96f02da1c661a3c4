import { createHttpPools, StepAbort } from '@millrace/component-sdk';
import { newId, type RunId, type StepId, type StepPath } from '@millrace/contracts';
import { publicOnly } from '@millrace/outgoing';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stepFiles, type StepFiles } from './files.js';
import { failureOf } from './step-failure.js';

let asksToWait: Record<string, string> = {};
const busy = createServer((request, response) => {
  request.resume();
  response.writeHead(503, { ...asksToWait, 'content-type': 'application/problem+json' });
  response.end('{"detail":"Too many files are being stored at the moment."}');
});
let files: StepFiles;
let end: () => Promise<void>;

beforeAll(async () => {
  busy.listen(0, '127.0.0.1');
  await once(busy, 'listening');
  const apiUrl = `http://127.0.0.1:${(busy.address() as AddressInfo).port}`;
  const pools = createHttpPools({ settings: apiUrl, rules: publicOnly });
  files = stepFiles({
    door: { apiUrl, component: 'pets', key: Buffer.alloc(32, 1), pools },
    step: { runId: newId<RunId>(), stepId: 'step_2' as StepId, path: '0' as StepPath, attempt: 1 },
    abort: new StepAbort(),
    deadlineAt: Date.now() + 10_000,
  });
  end = () => pools.close();
});
afterAll(async () => {
  files.end();
  await end();
  busy.closeAllConnections();
  busy.close();
  await once(busy, 'close');
});

describe('files at an api that is busy', () => {
  it.each([
    ['stored', () => files.create({ name: 'a.png', contentType: 'image/png' }, 'x')],
    ['read', () => files.open({ id: newId(), name: 'a.png' })],
  ])(
    'cannot be %s, which names the file and not the address, and are waited for as long as it asks',
    async (what, act) => {
      asksToWait = {};
      const down = failureOf(await act().catch((thrown: unknown) => thrown), (text) => text);
      expect(down).toMatchObject({ error: { code: 'files_unavailable' }, retry: { kind: 'policy' } });
      expect(JSON.stringify(down)).not.toContain('127.0.0.1');
      asksToWait = { 'retry-after': '5' };
      const { error, retry } = failureOf(await act().catch((thrown: unknown) => thrown), (text) => text);
      expect(error.code).toBe('files_unavailable');
      expect(error.message).toBe(`File "a.png" cannot be ${what} at the moment: the files of Millrace are busy`);
      expect(JSON.stringify(error)).not.toContain('127.0.0.1');
      expect(retry).toEqual({ kind: 'after', afterMs: 5_000 });
    },
  );
});
