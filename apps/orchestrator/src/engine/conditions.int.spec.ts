import { newId, queues, type Json, type RunId } from '@millrace/contracts';
import { seedFlow, type SeededFlow } from '@millrace/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { delivery, resultOf, succeeded, useEngine } from './engine.fixture.js';
import { handleResults } from './results.js';

const engine = useEngine();

/** step_1 with an edge to each of the others: a condition, `default` or nothing. */
function seedBranches(...edges: (string | null)[]): Promise<SeededFlow> {
  const idOf = (at: number) => `step_${at + 2}`;
  return seedFlow(engine.database, {
    steps: [
      { id: 'step_1', component: 'webhook', operation: 'receive' },
      ...edges.map((_, at) => ({
        id: idOf(at),
        component: 'echo',
        operation: 'echo',
        mapping: { up: '$uppercase(name)' },
      })),
    ],
    edges: edges.map((edge, at) => ({
      from: 'step_1',
      to: idOf(at),
      ...(edge === 'default' ? { default: true } : { condition: edge }),
    })),
  });
}

let flow: SeededFlow;
let plain: SeededFlow;
beforeAll(async () => {
  flow = await seedBranches('n > 1', '$contains(name, "a")', 'default');
  plain = await seedBranches('go', 'stop');
});

/** Handles the trigger's result and tells which steps were sent. */
async function branch(of: SeededFlow, ...outputs: Json[]) {
  const step = await engine.begin(of, newId<RunId>());
  engine.sent.length = 0;
  const first = resultOf(step, succeeded(...outputs));
  await handleResults(engine.deps, [first]);
  return { runId: step.runId, first, sent: sentSteps() };
}

const sentSteps = () => engine.sentSteps().map(({ stepId, path }) => `${stepId} ${path}`);
const failures = () => engine.sent.filter(({ routingKey }) => routingKey === queues.results);
const deliverFailures = () =>
  handleResults(
    engine.deps,
    failures().map(({ body }) => delivery({ body })),
  );
const rowsOf = (runId: RunId) =>
  engine.database.dataSource.query<{ step_id: string; status: string; error: object }[]>(
    `select step_id, status, error from step_run where run_id = $1 and step_id <> 'step_1' order by step_id, path`,
    [runId],
  );

describe('a step with conditions on its edges', () => {
  it('is followed, for each output, by the steps whose conditions are true, or by the default', async () => {
    const { sent, runId } = await branch(flow, { n: 2, name: 'a' }, { n: 0, name: 'b' }, { n: 1, name: 'a' });
    expect(sent).toEqual(['step_2 0', 'step_3 0', 'step_4 1', 'step_3 2']);
    expect(engine.sentSteps()[0]?.input).toEqual({ up: 'A' });
    expect(await rowsOf(runId)).toHaveLength(4);
    await handleResults(
      engine.deps,
      engine.sentSteps().map((step) => resultOf(step, succeeded({}))),
    );
    expect(await engine.runStatus(runId)).toBe('succeeded');
  });

  it('ends its branch, and its run, without an error when no condition is true and there is no default', async () => {
    const { sent, runId } = await branch(plain, { go: false, stop: false });
    expect(sent).toEqual([]);
    expect(await rowsOf(runId)).toEqual([]);
    expect(await engine.runStatus(runId)).toBe('succeeded');
  });

  it('ends its run when it has no output', async () => {
    expect(await engine.runStatus((await branch(flow)).runId)).toBe('succeeded');
  });

  it('is decided alike when its result comes again, however far it had got', async () => {
    const outputs = [
      { n: 2, name: 'b' },
      { n: 0, name: 'b' },
    ] as const;
    const step = await engine.begin(flow, newId<RunId>());
    engine.sent.length = 0;
    const first = resultOf(step, succeeded(...outputs));
    engine.killedBeforePublish = true;
    await expect(handleResults(engine.deps, [first])).rejects.toThrow('killed');
    engine.killedBeforePublish = false;
    await handleResults(engine.deps, [first]);
    expect(sentSteps()).toEqual(['step_2 0', 'step_4 1']);
    const followers = engine.sentSteps().map((next) => resultOf(next, succeeded({})));
    await handleResults(engine.deps, followers);
    engine.sent.length = 0;
    await handleResults(engine.deps, [first, ...followers]);
    expect(engine.sent).toEqual([]);
    expect(await engine.runStatus(step.runId)).toBe('succeeded');
    expect(await rowsOf(step.runId)).toHaveLength(2);
  });
});

describe('a condition', () => {
  it('that fails fails its step with the expression, the place and the shape, while the siblings go on', async () => {
    const { sent, runId } = await branch(flow, { n: 'two', name: 'a' });
    expect(sent).toEqual(['step_3 0']);
    expect(failures()).toHaveLength(1);
    await deliverFailures();
    await handleResults(
      engine.deps,
      engine.sentSteps().map((step) => resultOf(step, succeeded({}))),
    );
    const rows = await rowsOf(runId);
    expect(rows).toMatchObject([
      {
        step_id: 'step_2',
        status: 'failed',
        error: {
          code: 'condition_failed',
          message: expect.stringContaining('The condition of the edge to step_2 failed at character 3 of “n > 1”: '),
          detail: { errors: [{ expression: 'n > 1', position: 2, inputShape: '{ n: text, name: text }' }] },
        },
      },
      { step_id: 'step_3', status: 'succeeded' },
    ]);
    expect(JSON.stringify(rows)).not.toContain('two');
    expect(await engine.runStatus(runId)).toBe('failed');
  });

  it.each([
    ['nothing', {}, '{ stop: boolean }'],
    ['text', { go: 'secret' }, '{ go: text, stop: boolean }'],
    ['null', { go: null }, '{ go: null, stop: boolean }'],
  ])('that gives %s fails its step and says so', async (gave, output, shape) => {
    const { runId } = await branch(plain, { ...output, stop: false });
    await deliverFailures();
    const [row] = await rowsOf(runId);
    expect(row).toMatchObject({
      status: 'failed',
      error: { code: 'condition_failed', detail: { errors: [{ code: 'not_boolean', inputShape: shape }] } },
    });
    expect(JSON.stringify(row)).toContain(`this one gave ${gave}`);
    expect(await engine.runStatus(runId)).toBe('failed');
  });
});
