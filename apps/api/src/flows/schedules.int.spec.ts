import { newId, pollRequest, type RunId, type StepId } from '@millrace/contracts';
import type { ScheduleSettings } from '@millrace/flow-model';
import { beginPolls, insertRuns } from '@millrace/persistence';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  hookUrl,
  petstoreDescriptor,
  startComponent,
  timerDescriptor,
  useApi,
  webhookDescriptor,
  type TestUser,
} from '../../test/api.fixture.js';

const test = useApi();
let user: TestUser;
let credentialId: string;
let webhookCredentialId: string;
let closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  for (const descriptor of [petstoreDescriptor, webhookDescriptor, timerDescriptor]) {
    closing.push((await startComponent(test, descriptor)).close);
  }
  user = await test.signedIn();
  credentialId = await createCredential({ component: 'petstore', name: 'Pets', fields: { apiKey: 'secret' } });
  webhookCredentialId = await createCredential({ component: 'webhook', name: 'Open', fields: { type: 'none' } });
});
afterAll(async () => {
  for (const close of closing) await close();
  closing = [];
});

async function createCredential(body: object): Promise<string> {
  const created = await test.as(user).post('/v1/credentials').send(body).expect(201);
  return (created.body as { id: string }).id;
}

const post = (path: string) => test.as(user).post(path);
const get = (path: string) => test.as(user).get(path);

const createPet = {
  id: 'step_2',
  component: 'petstore',
  operation: 'createPet',
  mapping: { name: 'scheduledAt', status: '"sold"' },
};
const below = (trigger: object) => ({
  steps: [
    { id: 'step_1', ...trigger },
    { ...createPet, credentialId },
  ],
  edges: [{ from: 'step_1', to: 'step_2' }],
});
const ticking = (schedule?: ScheduleSettings) => below({ component: 'timer', operation: 'tick', schedule });
const polling = (schedule?: ScheduleSettings) =>
  below({ component: 'petstore', operation: 'getPetsByStatus', credentialId, schedule });
const called = () => below({ component: 'webhook', operation: 'receive', credentialId: webhookCredentialId });

let flowId: string;
const save = (draft: object) => test.as(user).put(`/v1/flows/${flowId}/draft`).send(draft).expect(200);
const act = (verb: string, status = 200) => post(`/v1/flows/${flowId}/${verb}`).expect(status);
async function publish(draft: object): Promise<void> {
  await save(draft);
  await act('publish', 201);
}

beforeEach(async () => {
  const created = await post('/v1/flows').send({ name: 'Tick', draft: ticking() }).expect(201);
  flowId = (created.body as { id: string }).id;
});

interface Schedule {
  schedule: ScheduleSettings;
  nextAt: string | null;
  lastAt: string | null;
  lastStatus: string | null;
  lastOutputs: number | null;
  lastRunId: string | null;
  snapshot: unknown;
  snapshotAt: string | null;
}
const schedule = async (): Promise<Schedule> =>
  (await get(`/v1/flows/${flowId}/schedule`).expect(200)).body as Schedule;
const inMs = async (): Promise<number> => Date.parse((await schedule()).nextAt ?? '') - Date.now();
const query = (text: string): Promise<unknown> => test.database.dataSource.query(text, [flowId]);
const keep = (snapshot: string) =>
  query(`update schedule set snapshot = '${snapshot}', snapshot_at = now() where flow_id = $1`);

describe('a draft with a polling trigger', () => {
  it('is told what is wrong with its schedule, and cannot be published with it', async () => {
    const saved = await save(polling({ cron: '61 * * * *', timeZone: 'Europe/Nowhere' }));
    const problems = [
      { pointer: '/steps/0/schedule/timeZone', code: 'unknown_time_zone' },
      { pointer: '/steps/0/schedule/cron', code: 'invalid_schedule' },
    ];
    expect(saved.body).toMatchObject({ problems });
    expect((await act('publish', 422)).body).toMatchObject({ code: 'draft_invalid', problems });
    expect((await save(polling({ everySeconds: 1 }))).body).toMatchObject({ problems: [{ code: 'invalid_schedule' }] });
  });

  it('is published with the usual schedule when it has none, and again only when it changed', async () => {
    const published = await act('publish', 201);
    expect(published.body).toMatchObject({ definition: { steps: [{ schedule: { everySeconds: 60 } }, {}] } });
    await act('publish', 200);
    await save(ticking({ everySeconds: 60 }));
    await act('publish', 200);
    await publish(ticking({ everySeconds: 90 }));
  });

  it('makes no webhook URL, whether it is published or not', async () => {
    const urlOf = async () => ((await get(`/v1/flows/${flowId}`)).body as { webhookUrl: unknown }).webhookUrl;
    expect(await urlOf()).toBeNull();
    await act('publish', 201);
    expect(await urlOf()).toBeNull();
    const { body } = await get('/v1/flows').expect(200);
    expect((body as { items: object[] }).items[0]).toMatchObject({ id: flowId, webhookUrl: null });
    await save(called());
    expect(await urlOf()).toBeNull();
    await act('publish', 201);
    expect(await urlOf()).toBe(`${hookUrl}/hook/${flowId}`);
  });

  it('whose trigger is set off by calls has no schedule', async () => {
    const draft = called();
    Object.assign(draft.steps[0]!, { schedule: { everySeconds: 60 } });
    expect((await save(draft)).body).toMatchObject({
      problems: [{ pointer: '/steps/0/schedule', code: 'unexpected_schedule' }],
    });
  });
});

describe('the schedule of a flow', () => {
  it('is there from the first version with a polling trigger on, and says why it is not there before', async () => {
    const missing = await get(`/v1/flows/${flowId}/schedule`).expect(404);
    expect(missing.body).toMatchObject({ code: 'no_schedule', detail: expect.stringContaining('publish') as string });
    await act('publish', 201);
    expect(await schedule()).toEqual({
      schedule: { everySeconds: 60 },
      nextAt: null,
      lastAt: null,
      lastStatus: null,
      lastOutputs: null,
      lastRunId: null,
      snapshot: null,
      snapshotAt: null,
    });
    await publish(called());
    const gone = await get(`/v1/flows/${flowId}/schedule`).expect(404);
    expect(gone.body).toMatchObject({ code: 'no_schedule', detail: expect.stringContaining('webhook URL') as string });
  });

  it('begins with the start: an interval at once, a cron expression at its next time', async () => {
    await act('publish', 201);
    await act('start');
    expect(await inMs()).toBeLessThanOrEqual(0);
    await act('stop');
    await publish(ticking({ cron: '0 9 * * *', timeZone: 'Asia/Kathmandu' }));
    await act('start');
    expect((await schedule()).nextAt).toMatch(/T03:15:00.000Z$/);
    expect(await inMs()).toBeGreaterThan(0);
  });

  it('keeps its time when the flow is started again while it runs, and ends with the stop', async () => {
    await act('publish', 201);
    await act('start');
    await query(`update schedule set due_at = '2030-01-01' where flow_id = $1`);
    await act('start');
    expect((await schedule()).nextAt).toBe('2030-01-01T00:00:00.000Z');
    await act('stop');
    expect((await schedule()).nextAt).toBeNull();
    await act('start');
    expect(await inMs()).toBeLessThanOrEqual(0);
  });

  it('keeps its time while another version is published, unless that one is planned otherwise', async () => {
    await act('publish', 201);
    await act('start');
    await query(`update schedule set due_at = '2030-01-01' where flow_id = $1`);
    const renamed = ticking({ everySeconds: 60 });
    Object.assign(renamed.steps[1]!, { name: 'Another name' });
    await publish(renamed);
    expect((await schedule()).nextAt).toBe('2030-01-01T00:00:00.000Z');
    await publish(ticking({ cron: '0 0 1 1 *' }));
    expect((await schedule()).nextAt).toMatch(/-01-01T00:00:00.000Z$/);
    await publish(ticking({ everySeconds: 30 }));
    expect(await inMs()).toBeLessThanOrEqual(0);
  });

  it('has no next time while the flow is paused', async () => {
    await act('publish', 201);
    await act('start');
    await query(`update flow set status = 'paused' where id = $1`);
    expect((await schedule()).nextAt).toBeNull();
  });

  it('goes with the flow', async () => {
    await act('publish', 201);
    await test.as(user).delete(`/v1/flows/${flowId}`).expect(204);
    await get(`/v1/flows/${flowId}/schedule`).expect(404);
    expect(await query('select 1 from schedule where flow_id = $1')).toEqual([]);
  });
});

describe('the snapshot of a flow', () => {
  beforeEach(async () => {
    await publish(polling());
    await act('start');
    await keep('{"seen":"1-3"}');
  });

  it('is shown, and stays over stop, start and versions with the same trigger', async () => {
    const kept = { snapshot: { seen: '1-3' }, snapshotAt: expect.stringMatching(/Z$/) as string };
    expect(await schedule()).toMatchObject(kept);
    await act('stop');
    await act('start');
    await publish(polling({ everySeconds: 10 }));
    expect(await schedule()).toMatchObject(kept);
  });

  it('goes with another trigger', async () => {
    await publish(ticking());
    expect(await schedule()).toMatchObject({ snapshot: null, snapshotAt: null });
  });

  it('is forgotten on demand, as often as one likes', async () => {
    for (const _ of [1, 2]) {
      const { body } = await act('snapshot/reset');
      expect(body).toMatchObject({ schedule: { everySeconds: 60 }, snapshot: null, snapshotAt: null });
    }
    expect(await query('select saves_snapshot from schedule where flow_id = $1')).toEqual([{ saves_snapshot: false }]);
    await publish(called());
    expect((await act('snapshot/reset', 404)).body).toMatchObject({ code: 'no_schedule' });
  });
});

describe('a poll', () => {
  it('is a run whose trigger shows the planned time and the snapshot that it got', async () => {
    await publish(polling());
    await act('start');
    await keep('{"seen":"7"}');
    const [{ due, versionId }] = (await query(
      `select due_at as due, version_id as "versionId" from schedule where flow_id = $1`,
    )) as [{ due: Date; versionId: string }];
    const runId = newId<RunId>();
    const poll = {
      flowId: flowId as never,
      versionId: versionId as never,
      dueAt: due.getTime(),
      nextAt: due.getTime() + 60_000,
      runId,
      triggerStepId: 'step_1' as StepId,
      dueInMs: 60_000,
    };
    expect(await beginPolls(test.database, [poll], 5_000)).toHaveLength(1);
    const { body } = await get(`/v1/runs/${runId}`).expect(200);
    const input = { scheduledAt: due.toISOString(), snapshot: { seen: '7' } };
    expect(body).toMatchObject({ flowId, status: 'running', steps: [{ stepId: 'step_1', input }] });
    expect(await schedule()).toMatchObject({
      nextAt: new Date(due.getTime() + 60_000).toISOString(),
      lastAt: expect.stringMatching(/Z$/) as string,
      lastStatus: 'running',
      lastRunId: runId,
    });
    await test.database.dataSource.query(`update run set status = 'cancelled', finished_at = now() where id = $1`, [
      runId,
    ]);
    expect((await schedule()).lastStatus).toBe('cancelled');
  });

  it('that someone else wrote as a call does not show as one', async () => {
    await act('publish', 201);
    const [{ versionId }] = (await query(`select version_id as "versionId" from schedule where flow_id = $1`)) as [
      { versionId: string },
    ];
    const body = Buffer.from('{"scheduledAt":"2026-01-01T00:00:00.000Z","snapshot":null}');
    const id = newId<RunId>();
    const run = { id, workspaceId: user.workspaceId, flowId: flowId as never, versionId: versionId as never, body };
    const triggerStepId = 'step_1' as StepId;
    const request = JSON.stringify(pollRequest);
    await insertRuns(test.database, [{ ...run, triggerStepId, receivedAt: Date.now(), request, dueInMs: 1 }]);
    const { body: shown } = await get(`/v1/runs/${id}`).expect(200);
    expect(shown).toMatchObject({ steps: [{ input: { scheduledAt: '2026-01-01T00:00:00.000Z', snapshot: null } }] });
  });
});
