import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from '@millrace/observability';

/** Resolves when the dependency can be used; throws or rejects with the reason when not. */
export type ReadinessCheck = () => void | Promise<void>;

export interface HealthReport {
  status: 'ready' | 'not_ready' | 'draining';
  /** By name of the dependency. The reasons are in the process log, for this answer may be public. */
  checks: Record<string, 'ok' | 'failed'>;
}

export interface Health {
  /** Runs all checks at once, each bounded in time. */
  report(): Promise<HealthReport>;
  /** From now on the process says that it is not ready, so that it gets no new work while it drains. */
  startDraining(): void;
}

const checkTimeoutMs = 2_000;

/** Health of one process. A change of a check is logged with its reason, once. */
export function createHealth(options: { checks: Readonly<Record<string, ReadinessCheck>>; logger: Logger }): Health {
  const { checks, logger } = options;
  const failed = new Map<string, boolean>();
  let draining = false;

  async function passes(name: string, check: ReadinessCheck): Promise<boolean> {
    const reason = await reasonAgainst(check);
    if (reason === undefined && failed.get(name)) logger.info({ check: name }, 'ready again');
    if (reason !== undefined && !failed.get(name)) logger.warn({ check: name, reason }, 'not ready');
    failed.set(name, reason !== undefined);
    return reason === undefined;
  }

  return {
    async report() {
      const results = await Promise.all(
        Object.entries(checks).map(async ([name, check]) => [name, await passes(name, check)] as const),
      );
      const ready = results.every(([, ok]) => ok);
      return {
        status: draining ? 'draining' : ready ? 'ready' : 'not_ready',
        checks: Object.fromEntries(results.map(([name, ok]) => [name, ok ? 'ok' : 'failed'])),
      };
    },
    startDraining() {
      draining = true;
    },
  };
}

export interface HealthServer {
  port: number;
  close(): Promise<void>;
}

/** `GET /health/live` (the process answers) and `GET /health/ready` (200 or 503 with the checks) of a process that serves no HTTP otherwise. Rejects when the port is taken. */
export async function startHealthServer(options: {
  host: string;
  port: number;
  health: Health;
  /** What `GET /metrics` answers, in the text format of Prometheus; without it there is no such route. */
  metrics?: () => string;
}): Promise<HealthServer> {
  const { health, metrics } = options;
  const server = createServer((request, response) => {
    if (metrics && request.method === 'GET' && request.url === '/metrics') {
      response.writeHead(200, {
        'content-type': 'text/plain; version=0.0.4; charset=utf-8',
        'cache-control': 'no-store',
      });
      response.end(metrics());
      return;
    }
    void answer(request.method, request.url, health).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
      response.end(JSON.stringify(body));
    });
  });
  await listen(server, options.host, options.port);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(method = '', url = '', health: Health): Promise<{ status: number; body: object }> {
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: { status: 'method not allowed' } };
  if (url === '/health/live') return { status: 200, body: { status: 'alive' } };
  if (url !== '/health/ready') return { status: 404, body: { status: 'not found' } };
  const report = await health.report();
  return { status: report.status === 'ready' ? 200 : 503, body: report };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function reasonAgainst(check: ReadinessCheck): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${checkTimeoutMs} ms`), checkTimeoutMs);
  });
  try {
    return await Promise.race([runCheck(check), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function runCheck(check: ReadinessCheck): Promise<string | undefined> {
  try {
    await check();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
