import { stepMessageId, type ResultMessage, type RunId, type StepMessage } from '@millrace/contracts';
import type { SeededFlow } from '@millrace/testing';
import type fc from 'fast-check';
import { expect } from 'vitest';
import { reconcile, sendUnsent } from '../../upkeep/reconciler.js';
import { releaseDue } from '../../upkeep/releaser.js';
import { resultOf, triggerOf, type TestEngine } from '../engine.fixture.js';
import { handleResults } from '../results.js';
import { handleTriggers } from '../triggers.js';
import { messageIdOf, runRowOf, type Model, type ModelStep, type RunRow } from './model.fixture.js';

/** A command of the model: what it may be done to, and what it does to the model and to the engine. */
export type Command = fc.AsyncCommand<Model, Real>;

export type StepResult = ResultMessage['outcome'];

/** The engine on Postgres and RabbitMQ, and what it has ended so far. */
export class Real {
  /** Rows of what has ended, by their keys: they never change again. */
  private readonly ended = new Map<string, string>();

  constructor(
    private readonly engine: TestEngine,
    readonly flow: SeededFlow,
  ) {}

  /**
   * Does something to the engine and compares all rows with the model afterwards. `sends` are the steps whose messages must
   * have been sent, and no other. With `killed` the process ends before the first of them is.
   */
  async does(
    model: Model,
    act: () => Promise<unknown>,
    { sends, killed = false }: { sends: ModelStep[]; killed?: boolean },
  ): Promise<void> {
    const { engine } = this;
    engine.sent.length = 0;
    engine.killedBeforePublish = killed;
    // Whoever is killed before it had to send anything was done.
    await act().catch((error: unknown) => {
      if (!killed) throw error;
    });
    engine.killedBeforePublish = false;
    const ids = engine.sent.map(({ messageId }) => messageId);
    expect(ids.toSorted()).toEqual(killed ? [] : sends.map(messageIdOf).toSorted());
    await this.expectRowsOf(model);
  }

  trigger(runId: RunId): Promise<unknown> {
    return handleTriggers(this.engine.deps, [triggerOf(this.flow, runId)]);
  }

  /** Delivers the result of an attempt of a step, so often at once. */
  result({ runId, stepId, path }: ModelStep, attempt: number, outcome: StepResult, copies = 1): Promise<unknown> {
    const address = { ...this.flow, runId, stepId, path, attempt, component: 'echo', carry: { steps: {} } };
    const result = resultOf(address as unknown as StepMessage, outcome);
    return handleResults(
      this.engine.deps,
      Array.from({ length: copies }, () => result),
    );
  }

  /** Lets the time of all that waits come. */
  async release(): Promise<void> {
    await this.engine.database.dataSource.query(`update step_run set due_at = now() where status = 'waiting'`);
    await releaseDue(this.engine.deps, new AbortController().signal);
  }

  /** Lets the time of all that runs be over, while no queue holds a message. */
  async reconcile(): Promise<void> {
    const { deps } = this.engine;
    await deps.database.dataSource.query(
      `update step_run set due_at = now() - interval '1 s' where status = 'running'`,
    );
    const now = { ...deps, broker: { ...deps.broker, messageCount: () => Promise.resolve(0) } };
    await sendUnsent(now);
    await reconcile(now);
  }

  private async expectRowsOf(model: Model): Promise<void> {
    const { dataSource } = this.engine.database;
    const runRows = await dataSource.query<RunRow[]>(
      `select id, status, open_steps as open, failed_steps as failed, finished_at is not null as finished from run
       where flow_id = $1 order by id`,
      [this.flow.flowId],
    );
    const expected = [...model.runs].map(([runId, steps]) => runRowOf(runId, steps));
    expect(runRows).toEqual(expected.toSorted((a, b) => (a.id < b.id ? -1 : 1)));

    const steps = await dataSource.query<(ModelStep & { finished: boolean; row: string })[]>(
      `select run_id as "runId", step_id as "stepId", path, status, attempt, finished_at is not null as finished,
              row_to_json(s)::text as row from step_run s where flow_id = $1`,
      [this.flow.flowId],
    );
    const described = (step: ModelStep): string => `${messageIdOf(step)} ${step.status}`;
    expect(steps.map(described).toSorted()).toEqual(model.steps.map(described).toSorted());
    for (const step of steps.filter(({ finished }) => finished)) {
      const key = stepMessageId(step as unknown as StepMessage);
      expect(step.row).toBe(this.ended.get(key) ?? step.row);
      this.ended.set(key, step.row);
    }
  }
}

export const succeededWith = (outputs: number): StepResult => ({
  kind: 'succeeded',
  outputs: Array.from({ length: outputs }, (_, number) => ({ number })),
});

export const failedWith = (kind: 'policy' | 'never'): StepResult => ({
  kind: 'failed',
  error: { code: 'refused', message: 'no', detail: null },
  retry: { kind },
});
