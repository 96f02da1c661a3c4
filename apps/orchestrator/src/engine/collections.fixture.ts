import {
  decodeResultMessage,
  newId,
  queues,
  type Gathering,
  type Json,
  type ResultMessage,
  type RunId,
  type StepMessage,
} from '@millrace/contracts';
import { seedFlow, type SeededFlow } from '@millrace/testing';
import { beforeEach, expect } from 'vitest';
import { collectDue } from '../upkeep/collector.js';
import { reconcile, sendUnsent } from '../upkeep/reconciler.js';
import { delivery, resultOf, succeeded, useEngine } from './engine.fixture.js';
import { handleResults } from './results.js';

export const hourMs = 3_600_000;

/** The answer of a component whose step gathers. */
export const collecting = (item: Json, gathering: Partial<Gathering> = {}): ResultMessage['outcome'] => ({
  kind: 'collecting',
  item,
  gathering: { scope: 'run', key: null, maxItems: 10_000, timeoutMs: hourMs, ...gathering },
});

type StepKey = Pick<StepMessage, 'runId' | 'stepId' | 'path'>;

interface Row {
  status: string;
  waiting_for: string | null;
  output: Json;
  output_count: number | null;
  error: { code: string } | null;
  logs: { message: string; fields?: Json }[] | null;
}

/** The engine with a flow that splits, and gathers below. Call it at the top of a spec. */
export function useCollections() {
  const engine = useEngine();
  const running = new AbortController().signal;

  let flow: SeededFlow;
  beforeEach(async () => {
    await engine.database.dataSource.query(`truncate run, step_run, collection cascade`);
    flow = await seedFlow(engine.database, {
      steps: [
        { id: 'step_1', component: 'webhook', operation: 'receive' },
        { id: 'step_2', component: 'core', operation: 'split', mapping: '$' },
        { id: 'step_3', component: 'core', operation: 'collect', mapping: '$' },
        {
          id: 'step_4',
          component: 'petstore',
          operation: 'createPet',
          mapping: { all: 'items', count: 'count', why: 'reason', key: 'key', name: '$steps.step_1.petname' },
        },
      ],
      edges: [
        { from: 'step_1', to: 'step_2' },
        { from: 'step_2', to: 'step_3' },
        { from: 'step_3', to: 'step_4' },
      ],
    });
  });

  async function result(step: StepMessage, outcome: ResultMessage['outcome']): Promise<void> {
    expect(await handleResults(engine.deps, [resultOf(step, outcome)])).toEqual([{ outcome: 'done' }]);
  }

  /** The step messages sent to a step of a run, or of all runs. */
  const sentTo = (stepId: string, runId?: RunId): StepMessage[] =>
    engine.sentSteps().filter((step) => step.stepId === stepId && (runId === undefined || step.runId === runId));

  /** Begins a run and splits it; gives the messages of its gathering steps. */
  async function split(items: Json[] = ['a'], petname: Json = 'Gromit'): Promise<StepMessage[]> {
    const runId = newId<RunId>();
    const trigger = await engine.begin(flow, runId);
    await result(trigger, succeeded({ petname }));
    const [splitting] = sentTo('step_2', runId);
    if (!splitting) throw new Error('nothing is split');
    await result(splitting, succeeded(...items));
    return sentTo('step_3', runId);
  }

  async function rowOf({ runId, stepId, path }: StepKey): Promise<Row> {
    const [row] = await engine.database.dataSource.query<Row[]>(
      `select status, waiting_for, output, output_count, error, logs from step_run
       where run_id = $1 and step_id = $2 and path = $3`,
      [runId, stepId, path],
    );
    if (!row) throw new Error(`there is no step run ${stepId} ${path}`);
    return row;
  }

  async function runRow(runId: RunId) {
    const [row] = await engine.database.dataSource.query<{ status: string; open: number }[]>(
      `select status, open_steps as open from run where id = $1`,
      [runId],
    );
    return row;
  }

  const collections = (): Promise<{ closed: boolean; items: number; reason: string | null; due: boolean }[]> =>
    engine.database.dataSource.query(
      `select closed_at is not null as closed, items, reason, look_at <= now() as due from collection order by id`,
    );

  /** The time of everything that is gathered is over. */
  const passDeadlines = (): Promise<unknown> =>
    engine.database.dataSource.query(
      `update collection set deadline = now() - interval '1 s', look_at = now() where closed_at is null`,
    );

  /** What a kill left unsent is taken up; nobody takes what is sent here from its queue, so the queues are not asked. */
  async function recover(): Promise<number> {
    await engine.database.dataSource.query(
      `update step_run set due_at = now() - interval '1 s' where status = 'running'`,
    );
    const deps = { ...engine.deps, broker: { ...engine.deps.broker, messageCount: async () => 0 } };
    return (await sendUnsent(deps)) + (await reconcile(deps));
  }

  /** The results that the engine itself published, as the broker would deliver them. */
  const ownResults = () =>
    engine.sent.filter(({ routingKey }) => routingKey === queues.results).map(({ body }) => delivery({ body }));

  /** Looks at what is gathered and handles the results that come of it; gives the steps below that were sent. */
  async function goOn(): Promise<StepMessage[]> {
    engine.sent.length = 0;
    await collectDue(engine.deps, running);
    const results = ownResults();
    for (const one of results) {
      const decoded = decodeResultMessage(one.body);
      expect(decoded.ok).toBe(true);
    }
    const outcomes = results.length === 0 ? [] : await handleResults(engine.deps, results);
    expect(outcomes.every(({ outcome }) => outcome === 'done')).toBe(true);
    return sentTo('step_4');
  }

  /** Looks again after the branches of a run were looked at in vain. */
  const lookAgain = (): Promise<unknown> =>
    engine.database.dataSource.query(`update collection set look_at = now() where look_at is not null`);

  return {
    engine,
    running,
    get flow() {
      return flow;
    },
    result,
    sentTo,
    split,
    rowOf,
    runRow,
    collections,
    passDeadlines,
    recover,
    ownResults,
    goOn,
    lookAgain,
  };
}
