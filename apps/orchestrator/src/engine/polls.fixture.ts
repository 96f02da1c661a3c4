import type { Json, ResultMessage, RunId, StepMessage } from '@millrace/contracts';
import type { FlowDraft, ScheduleSettings } from '@millrace/flow-model';
import { seedFlow, seedSchedule, type SeededFlow } from '@millrace/testing';
import { beforeEach, expect } from 'vitest';
import { pollDue } from '../upkeep/scheduler.js';
import type { EngineDeps } from './deps.js';
import { failed, resultOf, succeeded, type TestEngine } from './engine.fixture.js';
import { handleResults } from './results.js';

export interface ScheduleState {
  /** How long until the next poll is due. */
  inMs: number;
  dueAt: Date;
  snapshot: Json;
  polling: RunId | null;
  lastRunId: RunId | null;
  lastStatus: string | null;
  lastOutputs: number | null;
  unconfirmed: boolean;
}

export const found = (snapshot: Json | undefined, ...outputs: Json[]): ResultMessage['outcome'] =>
  snapshot === undefined ? succeeded(...outputs) : { kind: 'succeeded', outputs, snapshot };

/** A failure that is tried again. */
export const away = { ...failed, retry: { kind: 'policy' } } as ResultMessage['outcome'];

/** A flow that is due to be polled, made anew for each test, and what a spec does with it. */
export function usePolls(engine: TestEngine) {
  const runs = new AbortController().signal;
  const query = <Row>(text: string, values: unknown[] = []): Promise<Row[]> =>
    engine.database.dataSource.query<Row[]>(text, values);
  let flow: SeededFlow;
  beforeEach(async () => {
    await query(`truncate run, step_run, schedule`);
    flow = await polledFlow();
  });

  async function polledFlow(schedule: ScheduleSettings = { everySeconds: 60 }): Promise<SeededFlow> {
    const definition: FlowDraft = {
      steps: [
        { id: 'step_1', component: 'petstore', operation: 'getPets', schedule },
        { id: 'step_2', component: 'petstore', operation: 'createPet', mapping: { name: 'name' } },
      ],
      edges: [{ from: 'step_1', to: 'step_2' }],
    };
    const seeded = await seedFlow(engine.database, definition);
    await seedSchedule(engine.database, seeded);
    return seeded;
  }

  const poll = (deps: EngineDeps = engine.deps): Promise<number> => pollDue(deps, runs);
  const lastSent = (): StepMessage => {
    const sent = engine.sentSteps().at(-1);
    if (!sent) throw new Error('no step was sent');
    return sent;
  };
  const isDue = (beforeMs = 0): Promise<unknown> =>
    query(`update schedule set due_at = date_trunc('milliseconds', now()) - make_interval(secs => $1 / 1000.0)`, [
      beforeMs,
    ]);
  const result = (step: StepMessage, outcome: ResultMessage['outcome']) =>
    handleResults(engine.deps, [resultOf(step, outcome)]);

  /** Begins the poll that is due and gives its message. */
  async function begin(): Promise<StepMessage> {
    expect(await poll()).toBe(1);
    return lastSent();
  }

  return {
    /** The one flow of the test. */
    get flow() {
      return flow;
    },
    query,
    polledFlow,
    poll,
    lastSent,
    isDue,
    result,
    begin,

    async scheduleOf({ flowId }: SeededFlow = flow): Promise<ScheduleState> {
      const rows = await query<ScheduleState>(
        `select due_at as "dueAt", (extract(epoch from due_at - now()) * 1000)::float8 as "inMs", snapshot,
                polling_run_id as polling, last_run_id as "lastRunId", last_status as "lastStatus",
                last_outputs as "lastOutputs", resend_at is not null as unconfirmed
         from schedule where flow_id = $1`,
        [flowId],
      );
      const row = rows.at(0);
      if (!row) throw new Error('the flow has no schedule');
      return row;
    },

    /** Runs, each with the step run of its trigger. */
    async runCount(): Promise<number> {
      const rows = await query('select 1 from run');
      expect(await query(`select 1 from step_run where path = ''`)).toHaveLength(rows.length);
      return rows.length;
    },

    /** Polls with a snapshot and outputs. */
    async pollOnce(snapshot: Json, ...outputs: Json[]): Promise<StepMessage> {
      await isDue();
      const step = await begin();
      await result(step, found(snapshot, ...outputs));
      return step;
    },
  };
}
