import { newId, type FlowId } from '@millrace/contracts';
import { createLogger } from '@millrace/observability';
import type { NewRejection } from '@millrace/persistence';
import { describe, expect, it } from 'vitest';
import { createRejectionLog } from './rejection-log.js';

const logger = createLogger({ service: 'spec', level: 'silent' });
const away = Object.assign(new Error('away'), { code: 'ECONNREFUSED', syscall: 'connect' });
const row = (id: string): NewRejection => ({ id, flowId: flow }) as unknown as NewRejection;
const flow = newId<FlowId>();

describe('the log of refused calls', () => {
  it('writes in batches, and at its end what is left', async () => {
    const batches: number[] = [];
    const insert = async (batch: readonly NewRejection[]) => void batches.push(batch.length);
    const log = createRejectionLog({ insert, logger, flushEveryMs: 60_000, batchSize: 10, perFlowAndMinute: 100 });
    for (let n = 0; n < 35; n += 1) log.record(flow, () => row(String(n)));
    await log.close();
    expect(batches).toEqual([10, 10, 10, 5]);
    expect(log.takeWrittenFlows()).toEqual([flow]);
    expect(log.takeWrittenFlows()).toEqual([]);
  });

  it('makes no record of a call beyond the number of its flow, or when too many wait', async () => {
    let made = 0;
    const make = () => row(String((made += 1)));
    const log = createRejectionLog({ insert: async () => {}, logger, perFlowAndMinute: 3, maxWaiting: 5 });
    for (let n = 0; n < 10; n += 1) log.record(flow, make);
    expect(made).toBe(3);
    for (let n = 0; n < 10; n += 1) log.record(newId<FlowId>(), make);
    expect(made).toBe(5);
    await log.close();
  });

  it('keeps a batch while Postgres is away, in its order', async () => {
    const written: string[] = [];
    let failing = true;
    const insert = async (batch: readonly NewRejection[]) => {
      if (failing) throw away;
      written.push(...batch.map(({ id }) => id));
    };
    const log = createRejectionLog({ insert, logger, flushEveryMs: 10, batchSize: 2 });
    for (const id of ['1', '2', '3']) log.record(flow, () => row(id));
    await new Promise((resolve) => setTimeout(resolve, 50));
    failing = false;
    await log.close();
    expect(written).toEqual(['1', '2', '3']);
  });

  it('drops a batch that Postgres will never take, and ends although it is away', async () => {
    const bad = createRejectionLog({ insert: () => Promise.reject(new Error('bad')), logger });
    bad.record(flow, () => row('1'));
    await bad.close();
    const gone = createRejectionLog({ insert: () => Promise.reject(away), logger });
    gone.record(flow, () => row('1'));
    await gone.close();
  });
});
