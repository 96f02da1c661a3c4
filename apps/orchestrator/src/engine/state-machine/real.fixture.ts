import { newId, stepMessageId, type ResultMessage, type RunId, type StepMessage } from '@millrace/contracts';
import {
  endCancelledSteps,
  insertResume,
  listFailedSteps,
  markCancelled,
  reopenSteps,
  type ResumeOutcome,
} from '@millrace/persistence';
import type { SeededFlow } from '@millrace/testing';
import type fc from 'fast-check';
import { expect } from 'vitest';
import { advanceQueue, type BegunHeld } from '../../upkeep/advance-queue.js';
import { reconcile, sendUnsent } from '../../upkeep/reconciler.js';
import { releaseDue } from '../../upkeep/releaser.js';
import { resumeDue } from '../../upkeep/resumer.js';
import { sendBegun } from '../../upkeep/send-released.js';
import { resultOf, triggerOf, type TestEngine } from '../engine.fixture.js';
import { handleResults } from '../results.js';
import { handleTriggers } from '../triggers.js';
import {
  ancestorsOf,
  messageIdOf,
  runRowOf,
  type Model,
  type ModelCall,
  type ModelStep,
  type RunRow,
} from './model.fixture.js';

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

  trigger(runId: RunId, { key, once }: { key: string | undefined; once: boolean }): Promise<unknown> {
    const body = JSON.stringify({ key, ...(once && { once: 'the same' }) });
    return handleTriggers(this.engine.deps, [triggerOf(this.flow, runId, { body })]);
  }

  /** Looks at the queue of the flow until nothing more begins, and sends what did. */
  async advance(): Promise<void> {
    const { deps } = this.engine;
    const begun: BegunHeld[] = [];
    for (let more = true; more;) {
      const turn = await advanceQueue(deps, this.flow.flowId, { limit: 10, whole: true });
      begun.push(...turn.begun);
      more = turn.more;
    }
    await sendBegun(deps, begun);
  }

  async setPaused(paused: boolean): Promise<void> {
    const status = paused ? 'paused' : 'running';
    await this.query('update flow set status = $2, holds_runs = $3 where id = $1', [this.flow.flowId, status, paused]);
    this.engine.holding.forget({ flowIds: [this.flow.flowId], credentialIds: [] });
  }

  /** What webhooks-service does with a call of a resume URL. */
  call(runId: RunId, target: ModelCall): Promise<ResumeOutcome> {
    const { workspaceId, versionId } = this.flow;
    const request = { method: 'POST', path: '', query: {}, headers: {}, contentType: '' };
    return insertResume(this.engine.database, {
      id: newId<RunId>(),
      workspaceId,
      target: { runId, versionId, ...target },
      ancestors: ancestorsOf(target.stepId),
      judgedBy: [{ versionId, maxCalls: 1 }],
      request,
      body: Buffer.from('{}'),
    });
  }

  /** Ends the waiting of what was called, with `expired` of all that waits for a call. */
  async resume(expired: boolean): Promise<void> {
    if (expired) {
      await this.query(
        `update step_run set wait_deadline = now() - interval '1 s', due_at = now() - interval '1 s'
         where status = 'waiting' and waiting_for = 'resume'`,
      );
    }
    // Of one run a look takes one step at a time.
    for (let due = await this.dueWaits(); due > 0; due = await this.dueWaits()) {
      await resumeDue(this.engine.deps, new AbortController().signal);
    }
  }

  private async dueWaits(): Promise<number> {
    const due = await this.query<object>(
      `select from step_run where status = 'waiting' and waiting_for = 'resume' and due_at <= now()`,
    );
    return due.length;
  }

  /** What the control plane does to cancel a run. */
  async cancel(runId: RunId): Promise<void> {
    const { database } = this.engine;
    await markCancelled(database.dataSource.manager, this.flow.workspaceId, runId);
    expect(await endCancelledSteps(database, runId, 5_000)).toBe(true);
  }

  /** What the control plane does to retry a failed run where it failed. */
  async retry(runId: RunId): Promise<void> {
    await this.engine.database.dataSource.transaction(async (manager) => {
      const failed = await listFailedSteps(manager, this.flow.workspaceId, { runId, limit: 1_000 });
      const steps = failed.map(({ stepId, path, attempt, versionId }) => ({
        stepId,
        path,
        attempt,
        versionId,
        input: undefined,
        failure: '{}',
        overdueAfterMs: 60_000,
      }));
      expect(await reopenSteps(manager, this.flow.workspaceId, { runId, steps })).toMatchObject({
        outcome: 'reopened',
      });
    });
  }

  private query<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
    return this.engine.database.dataSource.query<Row[]>(text, values);
  }

  /** Delivers the result of an attempt of a step, so often at once. */
  result(step: ModelStep, attempt: number, outcome: StepResult, copies = 1): Promise<unknown> {
    const { runId, stepId, path, retriedAfter } = step;
    const carry = { steps: {}, ...(retriedAfter > 0 && { retriedAfter }) };
    const address = { ...this.flow, runId, stepId, path, attempt, component: 'echo', carry };
    const result = resultOf(address as unknown as StepMessage, outcome);
    return handleResults(
      this.engine.deps,
      Array.from({ length: copies }, () => result),
    );
  }

  /** Lets the time of all that waits come. */
  async release(): Promise<void> {
    await this.engine.database.dataSource.query(
      `update step_run set due_at = now() where status = 'waiting' and waiting_for is null`,
    );
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
      `select id, status, open_steps as open, failed_steps as failed, finished_at is not null as finished,
              exists (select from held_run h where h.run_id = run.id and h.state = 'begun') as place
       from run where flow_id = $1 order by id`,
      [this.flow.flowId],
    );
    const expected = [...model.runs.values()].map(runRowOf);
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
