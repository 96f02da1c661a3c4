import { setTimeout as sleep } from 'node:timers/promises';
import { newId, queues, type RunId, type StepMessage } from '@millrace/contracts';
import { compileMapping } from '@millrace/mapping';
import { createMappingPool, type MappingOutcome } from '@millrace/mapping-sandbox';
import { eventually, seedFlow, type SeededFlow } from '@millrace/testing';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { reconcile } from '../upkeep/reconciler.js';
import type { EngineDeps } from './deps.js';
import { delivery, resultOf, settleTriggers, succeeded, triggerOf, useEngine } from './engine.fixture.js';
import { evaluateMappings } from './evaluate-mappings.js';
import { isolateBadMessages } from './isolate.js';
import { handleResults } from './results.js';

const engine = useEngine();

/** step_1 ─ step_2, with the mapping, and its sibling step_3, which needs no sandbox. */
function seedMapped(mapping: Record<string, string>): Promise<SeededFlow> {
  return seedFlow(engine.database, {
    steps: [
      { id: 'step_1', component: 'webhook', operation: 'receive' },
      { id: 'step_2', component: 'petstore', operation: 'createPet', mapping },
      { id: 'step_3', component: 'echo', operation: 'echo', mapping: { name: 'petname' } },
    ],
    edges: [
      { from: 'step_1', to: 'step_2' },
      { from: 'step_1', to: 'step_3' },
    ],
  });
}

let flow: SeededFlow;
let failing: SeededFlow;
let endless: SeededFlow;
beforeAll(async () => {
  flow = await seedMapped({ name: '$uppercase(petname)', plain: 'petname', id: '$uuid()', at: '$now()' });
  failing = await seedMapped({ good: '$uppercase(petname)', age: '  1 + petname', sum: '$sum(petname)' });
  endless = await seedMapped({ name: '($f := function($x) { $f($x) }; $f(petname))' });
});

const output = { petname: 'Gromit' };
const handle = (...batch: ReturnType<typeof resultOf>[]) => handleResults(engine.deps, batch);
const begin = (of: SeededFlow, runId = newId<RunId>()): Promise<StepMessage> => engine.begin(of, runId);
const sentTo = (stepId: string) => engine.sentSteps().filter((step) => step.stepId === stepId);
const failures = () => engine.sent.filter(({ routingKey }) => routingKey === queues.results);

/** The failed results on their way, as the broker would deliver them. */
function deliverFailures(): Promise<unknown> {
  return handle(...failures().map(({ body }) => delivery({ body })));
}

interface StepRow {
  status: string;
  input: unknown;
  error: { code: string; message: string; detail: { errors: object[] } } | null;
}

async function rowOf(runId: RunId, stepId = 'step_2'): Promise<StepRow | undefined> {
  const [row] = await engine.database.dataSource.query<StepRow[]>(
    'select status, input, error from step_run where run_id = $1 and step_id = $2',
    [runId, stepId],
  );
  return row;
}

describe('a step whose mapping uses the whole language', () => {
  it('is sent with the mapped input, and its run succeeds', async () => {
    const step = await begin(flow);
    await handle(resultOf(step, succeeded(output)));
    const [next] = sentTo('step_2');
    const id = expect.stringMatching(/^[0-9a-f-]{36}$/) as string;
    expect(next?.input).toEqual({ name: 'GROMIT', plain: 'Gromit', id, at: '1970-01-01T00:00:00.002Z' });
    expect((await rowOf(step.runId))?.input).toEqual(next?.input);
    await handle(resultOf(next!, succeeded({})), resultOf(sentTo('step_3')[0]!, succeeded({})));
    expect(await engine.runStatus(step.runId)).toBe('succeeded');
  });

  it('is mapped for each output by itself', async () => {
    const step = await begin(flow);
    await handle(resultOf(step, succeeded(output, { petname: 'Feathers' })));
    const inputs = sentTo('step_2').map(({ path, input }) => ({ path, ...(input as { name: string; id: string }) }));
    expect(inputs).toMatchObject([
      { path: '0', name: 'GROMIT' },
      { path: '1', name: 'FEATHERS' },
    ]);
    expect(inputs[0]?.id).not.toBe(inputs[1]?.id);
  });

  it('gets the same input when the result comes again, with its random values and times', async () => {
    const first = resultOf(await begin(flow), succeeded(output));
    const seen: MappingOutcome[] = [];
    const evaluate: EngineDeps['mappings']['evaluate'] = async (...given) => {
      const outcome = await engine.deps.mappings.evaluate(...given);
      seen.push(outcome);
      return outcome;
    };
    const { database } = engine.deps;
    const hot: typeof database.hot = (statement) => {
      if (statement.name === 'settle-steps') throw new Error('killed before the commit');
      return database.hot(statement);
    };
    const killed = { ...engine.deps, mappings: { evaluate }, database: { ...database, hot } };
    await expect(handleResults(killed, [first])).rejects.toThrow('killed');
    engine.killedBeforePublish = true;
    await expect(handle(first)).rejects.toThrow('killed');
    engine.killedBeforePublish = false;
    await handle(first);
    expect(seen).toEqual([{ ok: true, value: sentTo('step_2')[0]?.input }]);
  });

  it('gets the input that was kept when another result of the same step comes', async () => {
    const step = await begin(flow);
    engine.killedBeforePublish = true;
    await expect(handle(resultOf(step, succeeded(output)))).rejects.toThrow('killed');
    engine.killedBeforePublish = false;
    await handle(resultOf(step, succeeded({ petname: 'Feathers' })));
    expect(sentTo('step_2')).toMatchObject([{ input: { name: 'GROMIT' } }]);
  });
});

describe('a step whose mapping fails', () => {
  it('fails with the field, the expression, the place and the shape of the input, while its sibling goes on', async () => {
    const step = await begin(failing);
    expect(await handle(resultOf(step, succeeded(output)))).toEqual([{ outcome: 'done' }]);
    expect(sentTo('step_2')).toEqual([]);
    expect(failures()).toHaveLength(1);
    await deliverFailures();
    const row = await rowOf(step.runId);
    expect(row).toMatchObject({ status: 'failed', input: null, error: { code: 'mapping_failed' } });
    expect(row?.error?.message).toMatch(/^The mapping of \/age failed at character 5 of “ {2}1 \+ petname”: .*1 more/);
    const inputShape = '{ petname: text }';
    expect(row?.error?.detail.errors).toMatchObject([
      { pointer: '/age', expression: '  1 + petname', position: 4, code: 'T2002', inputShape },
      { pointer: '/sum', expression: '$sum(petname)', code: 'T0412', inputShape },
    ]);
    expect(JSON.stringify(row)).not.toMatch(/gromit/i);
    expect(await engine.runStatus(step.runId)).toBe('running');
    await handle(resultOf(sentTo('step_3')[0]!, succeeded({})));
    expect(await rowOf(step.runId, 'step_3')).toMatchObject({ status: 'succeeded', input: { name: 'Gromit' } });
    expect(await engine.runStatus(step.runId)).toBe('failed');
  });

  it('fails when it never ends, and holds up no other result of its batch meanwhile', async () => {
    const [hostile, good, plain] = [await begin(endless), await begin(flow), await begin(flow)];
    await handle(resultOf(plain, succeeded(output)));
    const [leaf] = sentTo('step_3');
    const all = handle(
      resultOf(hostile, succeeded(output)),
      resultOf(good, succeeded(output)),
      resultOf(leaf!, succeeded({})),
    );
    const ended = all.then(() => 'all');
    const leafEnded = eventually(async () =>
      expect(await rowOf(plain.runId, 'step_3')).toMatchObject({ status: 'succeeded' }),
    );
    expect(await Promise.race([ended, leafEnded.then(() => 'leaf')])).toBe('leaf');
    await all;
    await deliverFailures();
    expect(await rowOf(hostile.runId)).toMatchObject({
      status: 'failed',
      error: { code: 'mapping_failed', detail: { errors: [{ pointer: '/name', code: 'time_exceeded' }] } },
    });
    expect(await rowOf(good.runId)).toMatchObject({ status: 'running', input: { name: 'GROMIT' } });
  });

  it('fails by itself where nothing can be passed on because of its depth, and no process ends', async () => {
    const [deep, good] = [await begin(flow), await begin(flow)];
    const text = resultOf(deep, succeeded('deep')).body.toString();
    const body = Buffer.from(text.replace('"deep"', `${'['.repeat(200_000)}${']'.repeat(200_000)}`));
    const one = isolateBadMessages(engine.deps, (batch) => handleResults(engine.deps, batch));
    const outcomes = await one([delivery({ body }), resultOf(good, succeeded(output))]);
    // The delivery limit parks it, which fails the step above.
    expect(outcomes).toEqual([{ outcome: 'redeliver' }, { outcome: 'done' }]);
    expect(sentTo('step_2')).toMatchObject([{ runId: good.runId }]);
  });

  it('fails for every output, but is not tried for all of thousands when it never ends', async () => {
    const pool = createMappingPool({ maxProcesses: 1, timeLimitMs: 20 });
    let tried = 0;
    const evaluate: EngineDeps['mappings']['evaluate'] = (...given) => {
      tried += 1;
      return pool.evaluate(...given);
    };
    const step = await begin(endless);
    const outputs = Array.from({ length: 2_000 }, () => output);
    await handleResults({ ...engine.deps, mappings: { evaluate } }, [resultOf(step, succeeded(...outputs))]);
    await pool.close();
    expect(tried).toBe(10);
    expect(failures()).toHaveLength(outputs.length);
    await deliverFailures();
    const rows = await engine.database.dataSource.query<object[]>(
      `select status, error -> 'detail' -> 'errors' -> 0 ->> 'code' as code, count(*)::int from step_run
       where run_id = $1 and step_id = 'step_2' group by 1, 2`,
      [step.runId],
    );
    expect(rows).toEqual([{ status: 'failed', code: 'time_exceeded', count: outputs.length }]);
  });

  it('is tried for every output, however many there are', async () => {
    const step = await begin(flow);
    const outputs = Array.from({ length: 300 }, (_, at) => ({ petname: `pet ${at}` }));
    await handle(resultOf(step, succeeded(...outputs)));
    const names = sentTo('step_2').map(({ path, input }) => [path, (input as { name: string }).name]);
    expect(names).toEqual(outputs.map(({ petname }, at) => [String(at), petname.toUpperCase()]));
  });

  it('fails although the process was killed after the commit: the result that comes again finds the error', async () => {
    const step = await begin(failing);
    const first = resultOf(step, succeeded(output));
    engine.killedBeforePublish = true;
    await expect(handle(first)).rejects.toThrow('killed');
    expect(await rowOf(step.runId)).toMatchObject({
      status: 'running',
      input: null,
      error: { code: 'mapping_failed' },
    });
    engine.killedBeforePublish = false;
    await handle(first);
    expect(sentTo('step_2')).toEqual([]);
    expect(sentTo('step_3')).toHaveLength(1);
    await deliverFailures();
    await deliverFailures();
    expect(await rowOf(step.runId)).toMatchObject({ status: 'failed', error: { code: 'mapping_failed' } });
    await handle(resultOf(sentTo('step_3')[0]!, succeeded({})));
    expect(await engine.runStatus(step.runId)).toBe('failed');
    engine.sent.length = 0;
    await handle(first);
    expect(engine.sent).toEqual([]);
  });

  it('fails although its result was lost: the reconciler sends the error again, and nothing to the component', async () => {
    const step = await begin(failing);
    await handle(resultOf(step, succeeded(output)));
    const { error } = (await rowOf(step.runId))!;
    engine.sent.length = 0;
    await engine.database.dataSource.query(
      `update step_run set due_at = now() - interval '1 minute' where run_id = $1 and step_id = 'step_2'`,
      [step.runId],
    );
    const broker = { ...engine.deps.broker, messageCount: () => Promise.resolve(0) };
    expect(await reconcile({ ...engine.deps, broker })).toBe(1);
    expect(engine.sentSteps()).toEqual([]);
    await deliverFailures();
    expect(await rowOf(step.runId)).toMatchObject({ status: 'failed', error });
  });
});

describe('a sandbox that cannot be started', () => {
  const { execPath } = process;
  beforeEach(() => {
    process.execPath = '/nowhere/node';
  });
  afterEach(() => {
    process.execPath = execPath;
  });

  /** The pool of the other tests may have a process at hand. */
  async function withPool(act: (deps: EngineDeps) => Promise<void>): Promise<void> {
    const pool = createMappingPool({ maxProcesses: 1 });
    try {
      await act({ ...engine.deps, mappings: pool });
    } finally {
      await pool.close();
    }
  }

  it('is waited for: nothing fails, and what needs none goes on', async () => {
    await withPool(async (deps) => {
      const [waiting, other] = [await begin(flow), await begin(flow)];
      await handle(resultOf(other, succeeded(output)));
      const [leaf] = sentTo('step_3');
      const all = handleResults(deps, [resultOf(waiting, succeeded(output)), resultOf(leaf!, succeeded({}))]);
      await eventually(async () => expect(await rowOf(other.runId, 'step_3')).toMatchObject({ status: 'succeeded' }));
      await sleep(300);
      expect(await rowOf(waiting.runId, 'step_1')).toMatchObject({ status: 'running' });
      process.execPath = execPath;
      expect(await all).toEqual([{ outcome: 'done' }, { outcome: 'done' }]);
      expect(await rowOf(waiting.runId)).toMatchObject({ status: 'running', input: { name: 'GROMIT' } });
    });
  });

  it('is waited for by requests with a key, too', async () => {
    await withPool(async (deps) => {
      const config = { deduplicate: { key: '$lowercase($request.headers.id)' } };
      const keyed = await seedFlow(engine.database, {
        steps: [{ id: 'step_1', component: 'webhook', operation: 'receive', config }],
        edges: [],
      });
      const [first, copy] = [newId<RunId>(), newId<RunId>()];
      const of = (runId: RunId, id: string) => triggerOf(keyed, runId, { request: { headers: { id } } });
      const all = settleTriggers(deps, [of(first, 'A'), of(copy, 'a')]);
      await sleep(300);
      expect(await engine.runStatus(first)).toBeUndefined();
      process.execPath = execPath;
      await all;
      expect([await engine.runStatus(first), await engine.runStatus(copy)]).toEqual(['running', 'duplicate']);
    });
  });

  it('is not waited for by a process that stops', async () => {
    await withPool(async (deps) => {
      const stopping = new AbortController();
      const context = { output, steps: {}, request: undefined, run: {}, seed: 'x', now: 0 };
      const evaluation = { mapping: compileMapping('1 + 1').compiled, context };
      const all = evaluateMappings({ ...deps, stopping: stopping.signal }, [evaluation]);
      setTimeout(() => stopping.abort(new Error('the process is stopping')), 300);
      await expect(all).rejects.toThrow(/stopping|aborted/);
    });
  });
});
