import { newId, type Json, type RunId, type StepMessage } from '@millrace/contracts';
import { endCancelledSteps, reopenSteps } from '@millrace/persistence';
import { describe, expect, it } from 'vitest';
import { collectDue, removeCollections } from '../upkeep/collector.js';
import { releaseDue } from '../upkeep/releaser.js';
import { collecting, hourMs, useCollections } from './collections.fixture.js';
import { failed, resultOf, succeeded } from './engine.fixture.js';
import { handleResults } from './results.js';

const test = useCollections();
const { engine, running, result, sentTo, split, rowOf, runRow, collections, passDeadlines, recover, goOn, lookAgain } =
  test;

const query = <Row>(text: string, values: unknown[] = []): Promise<Row[]> =>
  engine.database.dataSource.query<Row[]>(text, values);

const gather = async (steps: StepMessage[], options: Parameters<typeof collecting>[1] = {}): Promise<void> => {
  for (const step of steps) await result(step, collecting(step.input, options));
};

describe('branches of one run that are gathered', () => {
  it('wait until all have come, and go on once, in the order of the branches', async () => {
    const items = Array.from({ length: 12 }, (_, n) => n);
    const steps = await split(items);
    const [first, ...others] = steps.toReversed();
    await gather([first!]);
    expect(await rowOf(first!)).toMatchObject({ status: 'waiting', waiting_for: 'collect' });
    expect(await runRow(first!.runId)).toEqual({ status: 'waiting', open: 12 });
    expect(await goOn()).toEqual([]);

    await gather(others);
    const sent = await goOn();
    expect(sent).toHaveLength(1);
    expect(sent[0]!.input).toEqual({ all: items, count: 12, why: 'branches', key: null, name: 'Gromit' });
    expect(sent[0]!.path).toBe(`${first!.path}.0`);
    expect(await rowOf(first!)).toMatchObject({
      status: 'succeeded',
      output_count: 1,
      output: { items, count: 12, reason: 'branches' },
      logs: [{ message: 'Goes on with 12 items' }],
    });
    expect(await rowOf(others[0]!)).toMatchObject({
      status: 'succeeded',
      output_count: 0,
      logs: [{ message: expect.stringContaining('one of the 12') as string }],
    });
    await result(sent[0]!, succeeded({}));
    expect(await runRow(first!.runId)).toEqual({ status: 'succeeded', open: 0 });
  });

  it('do not wait for branches that fail or end before', async () => {
    const runId = newId<RunId>();
    await result(await engine.begin(test.flow, runId), succeeded({ petname: 'a' }, { petname: 'b' }, { petname: 'c' }));
    const [one, two, three] = sentTo('step_2', runId);
    await result(one!, succeeded('kept'));
    await gather(sentTo('step_3', runId));
    expect(await goOn()).toEqual([]);
    await result(two!, failed);
    await result(three!, succeeded());
    await lookAgain();
    expect((await goOn()).map(({ input }) => (input as { all: Json }).all)).toEqual([['kept']]);
  });

  it('go on in batches where a number is set', async () => {
    await gather(await split([1, 2, 3, 4, 5]), { maxItems: 2 });
    const batches: Json[] = [];
    for (let looks = 0; looks < 4; looks += 1) {
      for (const { input } of await goOn()) batches.push(input);
    }
    expect(batches).toMatchObject([
      { all: [1, 2], why: 'count' },
      { all: [3, 4], why: 'count' },
      { all: [5], why: 'branches' },
    ]);
  });

  it('are told apart by run and by key', async () => {
    const [one, two] = [await split(['a', 'b']), await split(['c'])];
    for (const step of [...one, ...two]) await result(step, collecting(step.input, { key: { of: step.input } }));
    const sent = await goOn();
    expect(sent.map(({ input }) => input)).toEqual(
      expect.arrayContaining(
        ['a', 'b', 'c'].map((name) => expect.objectContaining({ all: [name], key: { of: name } }) as unknown),
      ),
    );
    expect(sent).toHaveLength(3);
  });
});

describe('items of many runs', () => {
  const ofFlow = { scope: 'flow' } as const;

  it('go on in the run of the first when there are enough, and the other runs end there', async () => {
    const steps: StepMessage[] = [];
    for (const name of ['a', 'b', 'c']) steps.push(...(await split([name], name)));
    await gather(steps.slice(0, 2), { ...ofFlow, maxItems: 3 });
    expect(await goOn()).toEqual([]);
    await gather(steps.slice(2), { ...ofFlow, maxItems: 3 });
    const sent = await goOn();
    expect(sent.map(({ runId, input }) => [runId, input])).toEqual([
      [steps[0]!.runId, { all: ['a', 'b', 'c'], count: 3, why: 'count', key: null, name: 'a' }],
    ]);
    expect(await Promise.all(steps.map(({ runId }) => runRow(runId)))).toEqual([
      { status: 'running', open: 1 },
      { status: 'succeeded', open: 0 },
      { status: 'succeeded', open: 0 },
    ]);
  });

  it('go on when the time of the first is over', async () => {
    const [step] = await split(['a']);
    await gather([step!], ofFlow);
    expect(await goOn()).toEqual([]);
    await passDeadlines();
    expect(await goOn()).toMatchObject([{ input: { all: ['a'], why: 'time' } }]);
  });

  it('go on without those whose runs were cancelled meanwhile, and in the run of the next', async () => {
    const steps: StepMessage[] = [];
    for (const name of ['a', 'b', 'c']) steps.push(...(await split([name], name)));
    await gather(steps, ofFlow);
    await engine.database.dataSource.query(`update run set status = 'cancelled', finished_at = now() where id = $1`, [
      steps[0]!.runId,
    ]);
    await endCancelledSteps(engine.database, steps[0]!.runId, 1_000);
    await passDeadlines();
    expect(await goOn()).toMatchObject([{ runId: steps[1]!.runId, input: { all: ['b', 'c'], name: 'b' } }]);
  });

  it('go on in the run of another where the first is cancelled after it was decided', async () => {
    const steps: StepMessage[] = [];
    for (const name of ['a', 'b']) steps.push(...(await split([name], name)));
    await gather(steps, { ...ofFlow, maxItems: 2 });
    const stopped = {
      ...engine.deps,
      reached: () => {
        throw new Error('killed');
      },
    };
    await collectDue(stopped, running);
    expect(await collections()).toMatchObject([{ closed: true, reason: 'count' }]);
    await engine.database.dataSource.query(`update run set status = 'cancelled', finished_at = now() where id = $1`, [
      steps[0]!.runId,
    ]);
    await endCancelledSteps(engine.database, steps[0]!.runId, 1_000);
    expect(await goOn()).toMatchObject([{ runId: steps[1]!.runId, input: { count: 2, all: ['a', 'b'], name: 'b' } }]);
  });

  it('never make an output that is too large: 8 MiB go on, the others after them', async () => {
    const steps: StepMessage[] = [];
    for (let n = 0; n < 3; n += 1) steps.push(...(await split([n])));
    const large = 'x'.repeat(3.5 * 1024 * 1024);
    for (const step of steps) await result(step, collecting({ large }, ofFlow));
    expect(await goOn()).toMatchObject([{ input: { count: 2, why: 'size' } }]);
    await passDeadlines();
    expect(await goOn()).toMatchObject([{ input: { count: 1, why: 'time' } }]);
  });
});

describe('many open collections', () => {
  it('that cannot go on hold up no others behind them', async () => {
    await gather(await split(['a', 'b']));
    // Of a step that is in no version, and so are due again and again; there are more than are looked at together.
    await query(
      `insert into collection (id, workspace_id, flow_id, version_id, step_id, key_hash, key, max_items, timeout_ms, deadline,
                               look_at)
       select gen_random_uuid(), workspace_id, flow_id, version_id, 'step_9', n::text, key, max_items, timeout_ms, deadline,
              now() - interval '1 h'
       from collection, generate_series(1, 250) as n`,
    );
    expect(await goOn()).toMatchObject([{ input: { all: ['a', 'b'] } }]);
  });

  it.each([
    ['a young one after a second', 2_000, hourMs, 1_000],
    ['an older one after a tenth of its age', 100_000, hourMs, 10_000],
    ['an old one after a minute', 3_000_000, hourMs, 60_000],
    ['one whose time is over sooner just then', 95_000, 100_000, 5_000],
  ])('are looked at again: %s', async (_, ageMs, timeoutMs, expectedMs) => {
    const [step] = await split(['a', 'b']);
    await gather([step!], { timeoutMs });
    await query(`update collection set deadline = deadline - make_interval(secs => $1)`, [ageMs / 1000]);
    expect(await goOn()).toEqual([]);
    const [row] = await query<{ inMs: number; late: boolean }>(
      `select (extract(epoch from look_at - now()) * 1000)::float8 as "inMs", look_at > deadline as late from collection`,
    );
    expect(row?.late).toBe(false);
    expect(Math.abs(row!.inMs - expectedMs)).toBeLessThan(900);
  });

  it('are looked at as soon as another item comes, however old they are', async () => {
    const [one, two] = await split(['a', 'b']);
    await gather([one!]);
    await query(`update collection set deadline = deadline - interval '50 min'`);
    expect(await goOn()).toEqual([]);
    await gather([two!]);
    expect(await goOn()).toMatchObject([{ input: { all: ['a', 'b'], why: 'branches' } }]);
  });
});

describe('a collection that went on', () => {
  const dayLater = (): Promise<unknown> => query(`update collection set closed_at = closed_at - interval '25 h'`);

  /** Branches that were gathered, of which the one that goes on with all of them, the first, failed. */
  async function failedHolder(): Promise<StepMessage> {
    const steps = await split(['a', 'b', 'c']);
    await gather(steps);
    await collectDue(engine.deps, running);
    await result(steps[0]!, failed);
    await handleResults(engine.deps, test.ownResults());
    expect(await runRow(steps[0]!.runId)).toEqual({ status: 'failed', open: 0 });
    return steps[0]!;
  }

  it('is removed a day later', async () => {
    await gather(await split(['a', 'b']));
    expect(await goOn()).toHaveLength(1);
    await removeCollections(engine.database, running);
    expect(await collections()).toHaveLength(1);
    await dayLater();
    await query(`update step_run set status = 'succeeded'`);
    await removeCollections(engine.database, running);
    expect(await collections()).toEqual([]);
  });

  it('stays while its step can be retried, which then goes on with all items', async () => {
    const { runId, stepId, path, attempt } = await failedHolder();
    await dayLater();
    await removeCollections(engine.database, running);
    const { versionId, workspaceId } = test.flow;
    const retried = { stepId, path, attempt, versionId, input: undefined, failure: '{}', overdueAfterMs: 60_000 };
    await engine.database.dataSource.transaction(async (manager) => {
      expect(await reopenSteps(manager, workspaceId, { runId, steps: [retried] })).toMatchObject({
        outcome: 'reopened',
      });
    });
    engine.sent.length = 0;
    await releaseDue(engine.deps, running);
    await gather(sentTo('step_3', runId));
    expect(await goOn()).toMatchObject([{ input: { all: ['a', 'b', 'c'], count: 3 } }]);
  });

  it('of a run that is removed goes, too', async () => {
    const { runId } = await failedHolder();
    await dayLater();
    await query('delete from step_run where run_id = $1', [runId]);
    await query('delete from run where id = $1', [runId]);
    await removeCollections(engine.database, running);
    expect(await collections()).toEqual([]);
  });
});

describe('after a fault', () => {
  it('an item counts once, however often its result comes', async () => {
    const [step, other] = await split(['a', 'b']);
    for (let time = 0; time < 3; time += 1) await gather([step!], { maxItems: 2 });
    expect(await handleResults(engine.deps, Array(3).fill(resultOf(step!, collecting('a'))))).toHaveLength(3);
    expect(await goOn()).toEqual([]);
    await gather([other!], { maxItems: 2 });
    expect(await goOn()).toMatchObject([{ input: { all: ['a', 'b'], why: 'count' } }]);
    await gather([step!], { maxItems: 2 });
    expect(await goOn()).toEqual([]);
  });

  it.each(['collections.closed', 'collections.released'])('a kill at %s repeats and loses nothing', async (point) => {
    const steps = await split(Array.from({ length: 7 }, (_, n) => n));
    await gather(steps);
    const killed = {
      ...engine.deps,
      reached: (name: string) => {
        if (name === point) throw new Error('killed');
      },
    };
    await collectDue(killed, running);
    engine.sent.length = 0;
    await recover();
    // Whoever was released and not sent is asked once more, and says the same.
    await gather(sentTo('step_3'));
    const sent = await goOn();
    expect(sent).toMatchObject([{ input: { all: [0, 1, 2, 3, 4, 5, 6], count: 7 } }]);
    await result(sent[0]!, succeeded({}));
    expect(await runRow(steps[0]!.runId)).toEqual({ status: 'succeeded', open: 0 });
    expect(await goOn()).toEqual([]);
  });

  it('results that were published and lost with the broker come again, and are the same', async () => {
    const steps = await split(['a', 'b', 'c']);
    await gather(steps);
    await collectDue(engine.deps, running);
    expect(test.ownResults()).toHaveLength(3);
    engine.sent.length = 0;
    await recover();
    await gather(sentTo('step_3'));
    expect(await goOn()).toMatchObject([{ input: { all: ['a', 'b', 'c'] } }]);
    expect(await runRow(steps[0]!.runId)).toEqual({ status: 'running', open: 1 });
  });

  it('several orchestrators gather and let go on at the same time, and every item goes on once', async () => {
    const steps: StepMessage[] = [];
    for (let run = 0; run < 6; run += 1)
      steps.push(...(await split(Array.from({ length: 10 }, (_, n) => run * 10 + n))));
    const results = steps.map((step) => resultOf(step, collecting(step.input, { scope: 'flow', maxItems: 7 })));
    const shares = [0, 1, 2].map((share) => results.filter((_, at) => at % 3 === share));
    engine.sent.length = 0;
    // Each share twice, as when a connection was cut, while others look at what is gathered.
    await Promise.all([
      ...[...shares, ...shares].map((share) => handleResults(engine.deps, share)),
      ...[1, 2, 3].map(() => collectDue(engine.deps, running)),
    ]);
    for (let looks = 0; looks < 10; looks += 1) {
      await lookAgain();
      await Promise.all([1, 2, 3].map(() => collectDue(engine.deps, running)));
    }
    await handleResults(engine.deps, test.ownResults());
    await passDeadlines();
    const before = sentTo('step_4');
    const batches = [...before, ...(await goOn())].map(({ input }) => input as { all: number[]; why: string });
    expect(batches.filter(({ why }) => why === 'count').every(({ all }) => all.length === 7)).toBe(true);
    expect(batches.flatMap(({ all }) => all).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 60 }, (_, n) => n),
    );
    const [open] = await engine.database.dataSource.query<{ count: number }[]>(
      `select count(*)::int as count from step_run where step_id = 'step_3' and status <> 'succeeded'`,
    );
    expect(open).toEqual({ count: 0 });
  });
});
