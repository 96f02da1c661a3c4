import { createLogger } from '@millrace/observability';
import { afterEach, describe, expect, it } from 'vitest';
import { createHealth, startHealthServer, type HealthServer, type ReadinessCheck } from './health.js';

let server: HealthServer | undefined;
afterEach(() => server?.close());

async function serve(checks: Record<string, ReadinessCheck>): Promise<string> {
  const health = createHealth({ checks, logger: createLogger({ service: 'spec', level: 'silent' }) });
  server = await startHealthServer({ host: '127.0.0.1', port: 0, health });
  return `http://127.0.0.1:${server.port}`;
}

describe('the health server', () => {
  it('answers live and ready, and nothing else', async () => {
    const url = await serve({ broker: () => undefined });
    expect(await (await fetch(`${url}/health/live`)).json()).toEqual({ status: 'alive' });
    expect(await (await fetch(`${url}/health/ready`)).json()).toEqual({ status: 'ready', checks: { broker: 'ok' } });
    expect((await fetch(`${url}/other`)).status).toBe(404);
    expect((await fetch(`${url}/health/live`, { method: 'POST' })).status).toBe(405);
  });

  it('counts a check that does not answer as failed, and answers all the same', async () => {
    const url = await serve({
      slow: () => new Promise(() => undefined),
      quick: () => Promise.reject(new Error('down')),
    });
    const response = await fetch(`${url}/health/ready`);
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ status: 'not_ready', checks: { slow: 'failed', quick: 'failed' } });
  });

  it('says so when its port is taken', async () => {
    await serve({});
    const port = server?.port ?? 0;
    const health = createHealth({ checks: {}, logger: createLogger({ service: 'spec', level: 'silent' }) });
    await expect(startHealthServer({ host: '127.0.0.1', port, health })).rejects.toThrow('EADDRINUSE');
  });
});
