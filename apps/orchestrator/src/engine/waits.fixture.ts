import {
  newId,
  queues,
  type HookRequest,
  type Json,
  type ResultMessage,
  type ResumeWait,
  type RunId,
  type StepId,
  type StepMessage,
  type StepPath,
  type WorkspaceId,
} from '@millrace/contracts';
import { insertResume, type ResumeOutcome } from '@millrace/persistence';
import { seedFlow, type SeededFlow } from '@millrace/testing';
import { beforeEach, expect } from 'vitest';
import { reconcile, sendUnsent } from '../upkeep/reconciler.js';
import { resumeDue } from '../upkeep/resumer.js';
import { delivery, resultOf, succeeded, useEngine } from './engine.fixture.js';
import { handleResults } from './results.js';

export const minuteMs = 60_000;

export const waits = (wait: Partial<ResumeWait> = {}): ResultMessage['outcome'] => ({
  kind: 'waiting',
  wait: { timeoutMs: minuteMs, onTimeout: 'fail', uses: 'once', maxCalls: 1, ...wait },
});
export const repeatedly = (maxCalls = 3): Partial<ResumeWait> => ({ uses: 'repeated', maxCalls });

/** The output that a call makes. */
export const output = (said: Json) => ({
  method: 'POST',
  path: '/yes',
  query: { by: 'ada' },
  headers: { 'x-a': '1' },
  contentType: 'application/json',
  body: said,
  timedOut: false,
  requestId: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
});

interface CallOptions {
  path?: string;
  once?: boolean;
  maxCalls?: number;
  body?: Json;
  workspaceId?: WorkspaceId;
}

const request: HookRequest = {
  method: 'POST',
  path: '/yes',
  query: { by: 'ada' },
  headers: { 'x-a': '1' },
  contentType: 'application/json',
};

interface Row {
  status: string;
  waiting_for: string | null;
  output: Json;
  output_count: number | null;
  error: { code: string } | null;
  attempt: number;
  inMs: number | null;
}

/** The engine with a flow whose third step waits, and what is done to it. Call it at the top of a spec. */
export function useWaits() {
  const engine = useEngine();
  const runs = new AbortController().signal;

  let flow: SeededFlow;
  beforeEach(async () => {
    await engine.database.dataSource.query(`truncate run, step_run, resume`);
    flow = await seedFlow(engine.database, {
      steps: [
        { id: 'step_1', component: 'webhook', operation: 'receive' },
        { id: 'step_2', component: 'petstore', operation: 'createPet', mapping: { link: '$resumeUrl("step_3")' } },
        { id: 'step_3', component: 'webhook', operation: 'wait' },
        {
          id: 'step_4',
          component: 'petstore',
          operation: 'createPet',
          mapping: { said: 'body', late: 'timedOut', name: '$steps.step_1.petname' },
        },
      ],
      edges: [
        { from: 'step_1', to: 'step_2' },
        { from: 'step_2', to: 'step_3' },
        { from: 'step_3', to: 'step_4' },
      ],
    });
  });

  const result = (step: StepMessage, outcome: ResultMessage['outcome']) =>
    handleResults(engine.deps, [resultOf(step, outcome)]);
  const lastSent = (): StepMessage => engine.sentSteps().at(-1)!;
  /** A run whose waiting step has been sent to its component. */
  async function atWait(): Promise<StepMessage> {
    const trigger = await engine.begin(flow, newId<RunId>());
    await result(trigger, succeeded({ petname: 'Gromit' }));
    await result(lastSent(), succeeded({ id: 1 }));
    return lastSent();
  }

  /** A run that waits. */
  async function waiting(wait: Partial<ResumeWait> = {}): Promise<StepMessage> {
    const step = await atWait();
    expect(await result(step, waits(wait))).toEqual([{ outcome: 'done' }]);
    return step;
  }

  /** What webhooks-service does with a call. */
  function call(
    { runId, path: at }: Pick<StepMessage, 'runId' | 'path'>,
    {
      path = at,
      once = true,
      maxCalls = once ? 1 : 3,
      body = { ok: true },
      workspaceId = flow.workspaceId,
    }: CallOptions = {},
  ): Promise<ResumeOutcome> {
    const { versionId } = flow;
    return insertResume(engine.database, {
      id: newId<RunId>(),
      workspaceId,
      target: { runId, versionId, stepId: 'step_3' as StepId, path: path as StepPath },
      ancestors: ['step_1', 'step_2'] as StepId[],
      judgedBy: [{ versionId, maxCalls }],
      request,
      body: Buffer.from(JSON.stringify(body)),
    });
  }

  async function rowOf({ runId, stepId, path }: Pick<StepMessage, 'runId' | 'stepId' | 'path'>): Promise<Row> {
    const [row] = await engine.database.dataSource.query<Row[]>(
      `select status, waiting_for, output, output_count, error, attempt,
            (extract(epoch from due_at - now()) * 1000)::float8 as "inMs"
     from step_run where run_id = $1 and step_id = $2 and path = $3`,
      [runId, stepId, path],
    );
    if (!row) throw new Error(`there is no step run ${stepId} ${path}`);
    return row;
  }

  async function runRow(runId: RunId) {
    const [row] = await engine.database.dataSource.query<
      { status: string; open: number; failed: number; over: boolean }[]
    >(
      `select status, open_steps as open, failed_steps as failed, finished_at is not null as over from run where id = $1`,
      [runId],
    );
    return row;
  }

  /** Lets the time of everything that waits pass. */
  const passDeadlines = (): Promise<unknown> =>
    engine.database.dataSource.query(
      `update step_run set wait_deadline = now() - interval '1 s', due_at = now() - interval '1 s' where waiting_for = 'resume'`,
    );
  const passTime = (): Promise<unknown> =>
    engine.database.dataSource.query(`update step_run set due_at = now() - interval '1 s' where status = 'running'`);

  /** Nobody takes what is sent here from its queue, so the queues are not asked. */
  const reconciled = async (): Promise<number> => {
    const deps = { ...engine.deps, broker: { ...engine.deps.broker, messageCount: async () => 0 } };
    return (await sendUnsent(deps)) + (await reconcile(deps));
  };

  /** The results that the engine itself published, as the broker would deliver them. */
  const ownResults = () =>
    engine.sent.filter(({ routingKey }) => routingKey === queues.results).map(({ body }) => delivery({ body }));

  /** Looks at what waits, and handles the results that come of it. */
  async function resume(): Promise<void> {
    engine.sent.length = 0;
    await resumeDue(engine.deps, runs);
    const results = ownResults();
    if (results.length === 0) return;
    const outcomes = await handleResults(engine.deps, results);
    expect(outcomes.every(({ outcome }) => outcome === 'done')).toBe(true);
  }

  return {
    engine,
    runs,
    get flow() {
      return flow;
    },
    result,
    lastSent,
    atWait,
    waiting,
    call,
    rowOf,
    runRow,
    passDeadlines,
    passTime,
    reconciled,
    ownResults,
    resume,
  };
}
