import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeEach, expect } from 'vitest';
import { eventually } from './eventually.js';
import { testInfra } from './infra.js';
import { type ManagementApi, managementApi, managementLagMs } from './management-api.js';

/** A busy broker is late with its lists. What was really left open stays in them. */
const forgottenWithinMs = 20_000;

/** A virtual host of its own: queues, exchanges and consumers of others are not in it. */
export interface TestVhost {
  readonly name: string;
  /** Holds the password. */
  readonly amqpUrl: string;
  readonly management: ManagementApi;
  /** What is still open in it, in words; empty when nothing is. Call it `managementLagMs` after the last act. */
  openEnds(): Promise<string[]>;
  /** Removes it with all that is in it. */
  remove(): Promise<void>;
}

export async function createVhost(): Promise<TestVhost> {
  const { amqpUrl, managementUrl } = testInfra();
  const management = managementApi(managementUrl);
  const name = `test-${randomUUID()}`;
  await management.createVhost(name);
  return {
    name,
    amqpUrl: `${amqpUrl}/${name}`,
    management,
    async openEnds() {
      const consumers = await management.consumers(name);
      const connections = await management.connections(name);
      return [
        ...consumers.map(({ queue }) => `consumer of ${queue.name}`),
        ...connections.map((one) => `connection ${one.user_provided_name ?? one.name}`),
      ];
    },
    remove: () => management.deleteVhost(name),
  };
}

/**
 * A new virtual host for each test of the file. After the last test all are checked for consumers and connections that
 * a test left open, which fails the file with the test's name, and removed.
 * Call it at the top of the file, so that its check runs after the file's own clean-up; read it within tests.
 */
export function useVhost(): Pick<TestVhost, 'name' | 'amqpUrl' | 'management'> {
  const used: { vhost: TestVhost; test: string }[] = [];
  beforeEach(async (context) => {
    used.push({ vhost: await createVhost(), test: context.task.name });
  });
  afterAll(async () => {
    await sleep(managementLagMs);
    try {
      for (const { vhost, test } of used) {
        await eventually(async () => expect(await vhost.openEnds(), `left open by "${test}"`).toEqual([]), {
          timeoutMs: forgottenWithinMs,
        });
      }
    } finally {
      for (const { vhost } of used) await vhost.remove();
    }
  });
  const present = (): TestVhost => {
    const last = used.at(-1);
    if (!last) throw new Error('The virtual host exists only while tests run.');
    return last.vhost;
  };
  return {
    get name() {
      return present().name;
    },
    get amqpUrl() {
      return present().amqpUrl;
    },
    get management() {
      return present().management;
    },
  };
}
