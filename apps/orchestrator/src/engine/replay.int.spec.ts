import { encodeTriggerMessage, newId, type RunId } from '@millrace/contracts';
import { seedFlow, type SeededFlow } from '@millrace/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { delivery, settleTriggers, triggerOf, useEngine } from './engine.fixture.js';

const engine = useEngine();
let flow: SeededFlow;

async function flowWithKey(key: string): Promise<void> {
  flow = await seedFlow(engine.database, {
    steps: [{ id: 'step_1', component: 'webhook', operation: 'receive', config: { deduplicate: { key } } }],
    edges: [],
  });
}
beforeEach(() => flowWithKey('petname'));

const body = '{"petname":"Gromit"}';

function replayOf(original: RunId, runId = newId<RunId>()) {
  const request = { method: 'POST', path: '', query: {}, headers: {}, contentType: 'application/json' };
  const message = { ...flow, runId, receivedAt: Date.now(), request, body: Buffer.from(body), replayOf: original };
  return { runId, trigger: delivery(encodeTriggerMessage(message)) };
}

const rowOf = async (runId: RunId) =>
  (
    await engine.database.dataSource.query<object[]>(
      'select status, replay_of, duplicate_of, body, version_id from run where id = $1',
      [runId],
    )
  )[0];

describe.each([
  ['a path', 'petname'],
  ['the whole language', '$lowercase(petname)'],
])('a replay in a flow whose key is %s', (_what, key) => {
  beforeEach(() => flowWithKey(key));

  it('runs though its key is taken, and takes none itself', async () => {
    const [original, copy] = [newId<RunId>(), newId<RunId>()];
    await settleTriggers(engine.deps, [triggerOf(flow, original)]);
    const replay = replayOf(original);
    expect(await settleTriggers(engine.deps, [replay.trigger, triggerOf(flow, copy)])).toEqual([
      { outcome: 'done' },
      { outcome: 'done' },
    ]);
    expect(await rowOf(replay.runId)).toMatchObject({ status: 'running', replay_of: original, duplicate_of: null });
    expect(await rowOf(copy)).toMatchObject({ status: 'duplicate', replay_of: null, duplicate_of: original });
    expect(engine.sentSteps().map(({ runId }) => runId)).toEqual([original, replay.runId]);
  });

  it('that comes first leaves the key to the next request', async () => {
    const replay = replayOf(newId<RunId>());
    const request = newId<RunId>();
    await settleTriggers(engine.deps, [replay.trigger]);
    await settleTriggers(engine.deps, [triggerOf(flow, request)]);
    expect(await rowOf(request)).toMatchObject({ status: 'running' });
  });
});

it('a replay that is delivered again is the run that it was', async () => {
  const original = newId<RunId>();
  const replay = replayOf(original);
  await settleTriggers(engine.deps, [replay.trigger, replay.trigger]);
  await settleTriggers(engine.deps, [replay.trigger]);
  expect(await rowOf(replay.runId)).toMatchObject({ status: 'running', replay_of: original, body: Buffer.from(body) });
  const rows = await engine.database.dataSource.query('select 1 from step_run where run_id = $1', [replay.runId]);
  expect(rows).toHaveLength(1);
});
