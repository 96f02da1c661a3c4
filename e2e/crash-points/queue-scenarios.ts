import { expect } from 'vitest';
import { eventually } from '@millrace/testing';
import { makeAbandoned } from './hurry.js';
import { plainRequest, sendUntil } from './requests.js';
import type { Scenario } from './scenario.js';

/** Requests of a flow of which two runs go on at a time. */
const limited: Pick<Scenario, 'service' | 'provoke' | 'after'> = {
  service: 'orchestrator',
  provoke: ({ flows }, accepted, over) => sendUntil(over, accepted, plainRequest(flows.limited.webhookUrl)),
  after: makeAbandoned,
};

export const queueScenarios = {
  'triggers.runsQueued': { ...limited, times: 3 },
  'results.placeLeft': { ...limited, times: 2 },
  'queues.begun': { ...limited, times: 2 },
  'queues.sent': { ...limited, times: 2 },

  'flow.removed': {
    service: 'api',
    async provoke(world, accepted) {
      const { api } = world;
      const flow = await world.copyOf(world.flows.plain);
      await api.post(`/v1/flows/${flow.id}/pause`);
      for (let number = 0; number < 3; number += 1) expect(await accepted.send(flow.webhookUrl, {})).toBe(true);
      await eventually(async () => expect(await statuses(world, flow.id)).toEqual(['queued', 'queued', 'queued']));
      await api.post(`/v1/flows/${flow.id}/stop`);
      await api.delete(`/v1/flows/${flow.id}`).catch(() => undefined);
    },
    async after(world, { ids }) {
      for (const id of ids) {
        await eventually(
          async () => expect(await world.api.get(`/v1/runs/${id}`)).toMatchObject({ status: 'cancelled' }),
          {
            timeoutMs: 20_000,
          },
        );
      }
    },
  },
} satisfies Record<string, Scenario>;

async function statuses({ database }: Parameters<Scenario['provoke']>[0], flowId: string): Promise<string[]> {
  const rows = await database.dataSource.query<{ status: string }[]>('select status from run where flow_id = $1', [
    flowId,
  ]);
  return rows.map(({ status }) => status);
}
