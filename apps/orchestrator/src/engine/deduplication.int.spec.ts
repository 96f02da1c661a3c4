import { randomUUID } from 'node:crypto';
import { newId, replyQueue, type HookRequest, type JsonObject, type RunId } from '@millrace/contracts';
import { createMappingPool } from '@millrace/mapping-sandbox';
import { createLogger } from '@millrace/observability';
import { seedFlow, type SeededFlow } from '@millrace/testing';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { removeExpired } from '../upkeep/expired-keys.js';
import { resultOf, settledOutcomes, settleTriggers, succeeded, triggerOf, useEngine } from './engine.fixture.js';
import type { EngineDeps } from './deps.js';
import { handleResults } from './results.js';
import { handleTriggers } from './triggers.js';

const engine = useEngine();
const windowMs = 60_000;

let flow: SeededFlow;
beforeAll(async () => {
  flow = await seedDeduplicated({ deduplicate: { key: '$request.headers.`x-id`', windowSeconds: windowMs / 1000 } });
});

let key: string;
beforeEach(() => {
  key = newId();
});

function seedDeduplicated(config: JsonObject): Promise<SeededFlow> {
  const steps = [{ id: 'step_1', component: 'webhook', operation: 'receive', config }];
  return seedFlow(engine.database, { steps, edges: [] });
}

/** An id of a request that came so many milliseconds from now. */
function idIn(ms: number): RunId {
  const hex = (Date.now() + ms).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-${newId<RunId>().slice(14)}` as RunId;
}

const trigger = (runId: RunId, { id = key, ...request }: Partial<HookRequest> & { id?: string } = {}, of = flow) =>
  triggerOf(of, runId, { request: { headers: { 'x-id': id }, ...request } });
const handle = (...runIds: RunId[]) =>
  handleTriggers(
    engine.deps,
    runIds.map((runId) => trigger(runId)),
  );
const dispatched = () => engine.sentSteps().map(({ runId }) => runId);

async function fate(runId: RunId): Promise<object | undefined> {
  const [row] = await engine.database.dataSource.query<object[]>(
    `select status, duplicate_of as first, open_steps, finished_at is not null as ended,
            (select count(*)::int from step_run where run_id = $1) as steps
     from run where id = $1`,
    [runId],
  );
  return row;
}

const running = { status: 'running', first: null, open_steps: 1, ended: false, steps: 1 };
const duplicateOf = (first: RunId) => ({ status: 'duplicate', first, open_steps: 0, ended: true, steps: 0 });

describe('a request whose key came before', () => {
  it('is recorded as a duplicate of the first, and its steps do not run', async () => {
    const [first, second] = [newId<RunId>(), newId<RunId>()];
    await handle(first);
    expect(await handle(second)).toEqual([{ outcome: 'done' }]);
    expect(await fate(first)).toEqual(running);
    expect(await fate(second)).toEqual(duplicateOf(first));
    expect(dispatched()).toEqual([first]);
  });

  it('stays a duplicate when it is delivered again, and is not dispatched then either', async () => {
    const [first, second] = [newId<RunId>(), newId<RunId>()];
    await handle(first);
    await handle(second);
    await handle(second, second);
    expect(await fate(second)).toEqual(duplicateOf(first));
    expect(dispatched()).toEqual([first]);
  });

  it('runs when its key is another, missing or null, or its flow does not ask', async () => {
    const runIds = Array.from({ length: 5 }, () => newId<RunId>());
    const [first, other, missing, again, elsewhere] = runIds as [RunId, RunId, RunId, RunId, RunId];
    const plain = await seedDeduplicated({});
    await handle(first);
    await handleTriggers(engine.deps, [
      trigger(other, { id: newId() }),
      trigger(missing, { headers: {} }),
      trigger(again, { headers: {} }),
      trigger(elsewhere, {}, plain),
    ]);
    for (const runId of runIds) expect(await fate(runId)).toEqual(running);
    expect(dispatched()).toEqual(runIds);
  });

  it('tells the caller who waits that it is a duplicate, also when it is delivered again', async () => {
    const [first, second] = [newId<RunId>(), newId<RunId>()];
    const waits = { replyTo: replyQueue(randomUUID()) };
    await handleTriggers(engine.deps, [trigger(first, waits), trigger(second, waits)]);
    const told = { kind: 'ended', runId: second, status: 'duplicate' };
    expect(engine.sentReplies()).toEqual([told]);
    await handleTriggers(engine.deps, [trigger(second, waits)]);
    expect(engine.sentReplies()).toEqual([told, told]);
  });
});

describe('copies in one batch', () => {
  it('are settled among themselves: the first runs', async () => {
    const runIds = Array.from({ length: 6 }, () => newId<RunId>());
    const [first, ...copies] = runIds as [RunId, ...RunId[]];
    await handle(...runIds, first);
    expect(await fate(first)).toEqual(running);
    for (const copy of copies) expect(await fate(copy)).toEqual(duplicateOf(first));
    expect(new Set(dispatched())).toEqual(new Set([first]));
  });

  it('run both when more than the window lies between them', async () => {
    const [first, copy, second, last] = [
      idIn(-3 * windowMs),
      idIn(-2.5 * windowMs),
      idIn(-windowMs),
      idIn(-0.4 * windowMs),
    ];
    await handle(first, copy, second, last);
    expect(await fate(first)).toEqual(running);
    expect(await fate(copy)).toEqual(duplicateOf(first));
    expect(await fate(second)).toEqual(running);
    expect(await fate(last)).toEqual(duplicateOf(second));
    expect(dispatched()).toEqual([first, second]);
  });
});

describe('the window of a key', () => {
  it('ends: a later request with the key runs and owns it from then on', async () => {
    const [first, second, third] = [idIn(-windowMs - 1_000), idIn(-500), idIn(0)];
    await handle(first);
    await handle(second);
    await handle(third);
    expect(await fate(second)).toEqual(running);
    expect(await fate(third)).toEqual(duplicateOf(second));
  });

  it('is that between the requests, however late they are handled', async () => {
    const [first, copy, other] = [idIn(-100 * windowMs), idIn(-99.5 * windowMs), idIn(-97 * windowMs)];
    await handle(first);
    await handle(copy);
    await handle(other);
    expect(await fate(copy)).toEqual(duplicateOf(first));
    expect(await fate(other)).toEqual(running);
  });

  it('does not reach back: a request that came long before and is handled late runs', async () => {
    const [early, late] = [idIn(-5 * windowMs), idIn(0)];
    await handle(late);
    await handle(early);
    expect(await fate(early)).toEqual(running);
  });

  it('outlives upkeep by a day', async () => {
    const [old, fresh] = [idIn(-windowMs - 25 * 3_600_000), idIn(-2 * windowMs)];
    await handleTriggers(engine.deps, [trigger(old), trigger(fresh, { id: `${key}2` })]);
    await removeExpired(engine.database, new AbortController().signal);
    const rows = await engine.database.dataSource.query('select 1 from deduplication where run_id = any ($1)', [
      [old, fresh],
    ]);
    expect(rows).toHaveLength(1);
    expect(await handle(old)).toEqual([{ outcome: 'done' }]);
  });
});

describe('an orchestrator that is killed', () => {
  /** The database as one sees it who is killed right before a statement of that name. */
  function killedBefore(name: string): EngineDeps {
    const { database } = engine.deps;
    const hot: typeof database.hot = (statement) => {
      if (statement.name === name) throw new Error(`killed before ${name}`);
      return database.hot(statement);
    };
    return { ...engine.deps, database: { ...database, hot } };
  }

  it('between the claim and the run leaves a key that its own request claims again', async () => {
    const [first, second] = [newId<RunId>(), newId<RunId>()];
    await expect(handleTriggers(killedBefore('insert-runs'), [trigger(first)])).rejects.toThrow('killed');
    expect(await fate(first)).toBeUndefined();
    await handle(second);
    expect(await fate(second)).toEqual(duplicateOf(first));
    await handle(first);
    expect(await fate(first)).toEqual(running);
    expect(dispatched()).toEqual([first]);
  });

  it('between the runs and the duplicates changes nothing', async () => {
    const [first, second] = [newId<RunId>(), newId<RunId>()];
    const batch = [trigger(first), trigger(second)];
    await expect(handleTriggers(killedBefore('insert-duplicates'), batch)).rejects.toThrow('killed');
    expect(dispatched()).toEqual([]);
    await handleTriggers(engine.deps, batch.toReversed());
    expect(await fate(first)).toEqual(running);
    expect(await fate(second)).toEqual(duplicateOf(first));
    expect(dispatched()).toEqual([first]);
  });

  it('before the dispatch sends it on when it is delivered again, though its key has a new owner', async () => {
    const [first, second] = [idIn(-windowMs - 1), idIn(0)];
    engine.killedBeforePublish = true;
    await expect(handle(first)).rejects.toThrow('killed');
    engine.killedBeforePublish = false;
    await handle(second);
    await handle(first);
    expect(await fate(first)).toEqual(running);
    expect(dispatched()).toEqual([second, first]);
    await handleResults(engine.deps, [resultOf(engine.sentSteps()[1]!, succeeded({}))]);
    expect(await engine.runStatus(first)).toBe('succeeded');
  });
});

describe('a key of the whole language', () => {
  let full: SeededFlow;
  const logged: string[] = [];
  beforeAll(async () => {
    const expression = '$lowercase($request.headers.`x-id`) & ($request.query.fail ? $error(fault) : "")';
    full = await seedDeduplicated({ deduplicate: { key: expression, windowSeconds: windowMs / 1000 } });
  });
  const handleFull = (...triggers: ReturnType<typeof trigger>[]) => {
    const logger = createLogger({
      service: 'spec',
      level: 'warn',
      destination: { write: (line) => logged.push(line) },
    });
    return settleTriggers({ ...engine.deps, logger }, triggers);
  };

  it('tells requests apart by its value, in one batch and later', async () => {
    const runIds = Array.from({ length: 4 }, () => newId<RunId>());
    const [first, copy, other, late] = runIds as [RunId, RunId, RunId, RunId];
    await handleFull(
      trigger(first, { id: `A-${key}` }, full),
      trigger(copy, { id: `a-${key}` }, full),
      trigger(other, { id: `B-${key}` }, full),
    );
    await handleFull(trigger(late, { id: `a-${key.toUpperCase()}` }, full));
    expect(await fate(first)).toEqual(running);
    expect(await fate(copy)).toEqual(duplicateOf(first));
    expect(await fate(other)).toEqual(running);
    expect(await fate(late)).toEqual(duplicateOf(first));
  });

  it('is the same for a copy of the message, with its random values and times', async () => {
    const random = await seedDeduplicated({ deduplicate: { key: '$uuid() & $now()' } });
    const runIds = [newId<RunId>(), newId<RunId>()] as const;
    const batch = runIds.map((runId) => trigger(runId, {}, random));
    await settleTriggers(engine.deps, batch);
    await settleTriggers(engine.deps, batch);
    for (const runId of runIds) expect(await fate(runId)).toEqual(running);
    const rows = await engine.database.dataSource.query('select 1 from deduplication where run_id = any ($1)', [
      runIds,
    ]);
    expect(rows).toHaveLength(2);
  });

  it('that fails lets the request run, and is logged once a while', async () => {
    const runIds = Array.from({ length: 4 }, () => newId<RunId>());
    const failing = runIds.map((runId) => trigger(runId, { query: { fail: '1' } }, full));
    await handleFull(...failing.slice(0, 3));
    await handleFull(failing[3]!);
    for (const runId of runIds) expect(await fate(runId)).toEqual(running);
    expect(logged).toHaveLength(1);
    expect(logged[0]).toMatch(
      /deduplication failed.*The mapping failed at character|The mapping failed at character.*/,
    );
  });

  it('that never ends lets requests run, and is not tried for all of many', async () => {
    const hostile = await seedDeduplicated({ deduplicate: { key: '($f := function($x) { $f($x) }; $f(1))' } });
    const pool = createMappingPool({ maxProcesses: 1, timeLimitMs: 20 });
    let tried = 0;
    const evaluate: EngineDeps['mappings']['evaluate'] = (...given) => {
      tried += 1;
      return pool.evaluate(...given);
    };
    const runIds = Array.from({ length: 150 }, () => newId<RunId>());
    const batch = [...runIds.map((runId) => trigger(runId, {}, hostile)), trigger(newId<RunId>(), {}, full)];
    const deps = { ...engine.deps, mappings: { evaluate } };
    await settleTriggers(deps, batch);
    expect(tried).toBe(5);
    expect(dispatched()).toEqual(expect.arrayContaining(runIds));
    await settleTriggers(deps, [trigger(newId<RunId>(), {}, hostile)]);
    expect(tried).toBe(5);
    await pool.close();
  });

  it('that never ends delays no run of another flow, neither in its batch nor in those that follow', async () => {
    const hostile = await seedDeduplicated({ deduplicate: { key: '($f := function($x) { $f($x) }; $f(1))' } });
    const pool = createMappingPool({ maxProcesses: 1, timeLimitMs: 1_000 });
    const deps = { ...engine.deps, mappings: pool };
    const [beside, after, last] = [newId<RunId>(), newId<RunId>(), newId<RunId>()];
    const hostileBatch = () => Array.from({ length: 20 }, () => trigger(newId<RunId>(), {}, hostile));
    const first = await handleTriggers(deps, [...hostileBatch(), trigger(beside)]);
    const second = await handleTriggers(deps, [...hostileBatch(), trigger(after, { id: newId() })]);
    let over = false;
    const hostileOutcomes = settledOutcomes([...first, ...second]).finally(() => {
      over = true;
    });
    expect(dispatched()).toEqual([beside, after]);
    await settleTriggers(deps, [trigger(last, { id: newId() }, full)]);
    // It waits for one of the endless keys, not for four.
    expect(over).toBe(false);
    expect(dispatched()).toEqual([beside, after, last]);
    expect(await hostileOutcomes).toEqual(Array.from({ length: 42 }, () => ({ outcome: 'done' })));
    expect(dispatched()).toHaveLength(43);
    await pool.close();
  });

  it('that reads a body nested without end lets the request run', async () => {
    const whole = await seedDeduplicated({ deduplicate: { key: '$count($)' } });
    const [deep, good] = [newId<RunId>(), newId<RunId>()];
    const body = '['.repeat(200_000) + ']'.repeat(200_000);
    await handleFull(triggerOf(whole, deep, { body }), triggerOf(whole, good));
    expect(await fate(deep)).toEqual(running);
    expect(await fate(good)).toEqual(running);
  });
});

describe('settings that no publish would let pass', () => {
  it('cost no request', async () => {
    const faulty = await seedDeduplicated({ deduplicate: { key: 'a..b' } });
    const runIds = [newId<RunId>(), newId<RunId>()];
    await handleTriggers(
      engine.deps,
      runIds.map((runId) => trigger(runId, {}, faulty)),
    );
    expect(dispatched()).toEqual(runIds);
  });
});
