import { createHash, randomUUID } from 'node:crypto';
import { newId, queues, type RunId } from '@millrace/contracts';
import { deriveSetupToken } from '@millrace/credentials';
import { insertBulkJob, insertHeldRuns, parkMessages } from '@millrace/persistence';
import { seedFlow, type SeededFlow } from '@millrace/testing';
import type supertest from 'supertest';
import { password, tutorialDraft, type TestApi, type TestUser } from './api.fixture.js';
import { beginRun, failedRun } from './runs.fixture.js';

/** Makes what an act needs, and resolves with what sends it. */
export type Prepare = () => Promise<() => supertest.Test>;

const chosen = 'a mill turns by the race';
const key = createHash('sha256').update('a').digest();

/** The body that sets a fresh control plane up. */
export function setupBodyOf(test: TestApi): { email: string; password: string; [field: string]: string } {
  const setupToken = deriveSetupToken(test.masterKey);
  return { workspaceName: 'First', email: 'first@example.test', password, setupToken };
}

/**
 * Every changing route with what the audit calls it and a request that succeeds. `admin` is of the first workspace, and the
 * components webhook, petstore, timer and twitter have announced themselves.
 */
export function actsOf(test: TestApi, admin: () => TestUser): Record<string, { action: string; prepare: Prepare }> {
  const as = (user = admin()) => test.as(user);
  const sql = (text: string, values: unknown[]) => test.database.dataSource.query(text, values);
  const made = async (path: string, body: object): Promise<{ id: string; link?: { token: string } }> =>
    (await as().post(path).send(body).expect(201)).body as { id: string };
  const colleague = () => test.signedIn({ workspaceId: admin().workspaceId });
  const seeded = (status = 'stopped', settings?: object): Promise<SeededFlow> =>
    seedFlow(
      test.database,
      { ...tutorialDraft(newId()), ...(settings && { settings }) },
      { workspaceId: admin().workspaceId, status },
    );
  const fields = { apiKey: 'a-secret-key' };
  const credential = () => made('/v1/credentials', { component: 'petstore', name: 'Pets', fields });
  const invited = () => made('/v1/users', { email: `${randomUUID()}@example.test`, name: 'Grace' });
  const held = async (flow: SeededFlow, orderKey: Buffer | null = null): Promise<void> => {
    const rest = { ...flow, receivedAt: Date.now(), request: '{}', body: Buffer.from('{}'), orderKey };
    await insertHeldRuns(test.database, [{ ...rest, id: newId<RunId>() }]);
  };
  const parked = async (): Promise<string> => {
    const id = randomUUID();
    const message = {
      queue: queues.results,
      reason: 'malformed',
      messageId: id,
      headers: '{}',
      body: Buffer.from('{'),
    };
    await parkMessages(test.database, [{ id, ...message }]);
    return id;
  };
  /** On a flow of the given status, with the request that acts on it. */
  const flowAct =
    (verb: 'post' | 'put' | 'patch' | 'delete', path: string, body?: object, status?: string): Prepare =>
    async () => {
      const { flowId } = await seeded(status);
      return () => as()[verb](`/v1/flows/${flowId}${path}`).send(body);
    };
  const generated = { mode: 'manual', format: 'json', text: '{"petname":"Gromit"}' };
  const timer = { steps: [{ id: 'step_1', component: 'timer', operation: 'tick' }], edges: [] };

  return {
    'POST /v1/sessions': {
      action: 'user.signed_in',
      prepare: async () => {
        const { email } = await colleague();
        return () => test.anonymous().post('/v1/sessions').send({ email, password });
      },
    },
    'DELETE /v1/sessions/current': {
      action: 'user.signed_out',
      prepare: async () => {
        const user = await colleague();
        return () => as(user).delete('/v1/sessions/current');
      },
    },
    'PUT /v1/sessions/current/password': {
      action: 'user.password_changed',
      prepare: async () => {
        const user = await colleague();
        const body = { currentPassword: password, newPassword: chosen };
        return () => as(user).put('/v1/sessions/current/password').send(body);
      },
    },
    'POST /v1/credentials/oauth2/authorize': {
      action: 'credential.authorization_begun',
      prepare: async () => {
        const body = { component: 'twitter', name: 'Ours', fields: { clientId: 'ours', clientSecret: 'a-secret-key' } };
        return () => as().post('/v1/credentials/oauth2/authorize').send(body);
      },
    },
    'POST /v1/credentials': {
      action: 'credential.created',
      prepare: async () => () => as().post('/v1/credentials').send({ component: 'petstore', name: 'Pets', fields }),
    },
    'PATCH /v1/credentials/:credentialId': {
      action: 'credential.changed',
      prepare: async () => {
        const { id } = await credential();
        return () => as().patch(`/v1/credentials/${id}`).send({ name: 'Renamed', fields });
      },
    },
    'DELETE /v1/credentials/:credentialId': {
      action: 'credential.deleted',
      prepare: async () => {
        const { id } = await credential();
        return () => as().delete(`/v1/credentials/${id}`);
      },
    },
    'POST /v1/credentials/:credentialId/verify': {
      action: 'credential.verified',
      prepare: async () => {
        const { id } = await credential();
        return () => as().post(`/v1/credentials/${id}/verify`);
      },
    },
    'POST /v1/flows': {
      action: 'flow.created',
      prepare: async () => () =>
        as()
          .post('/v1/flows')
          .send({ name: 'Pets', draft: tutorialDraft(newId()) }),
    },
    'POST /v1/flows/:flowId/copy': { action: 'flow.copied', prepare: flowAct('post', '/copy') },
    'PATCH /v1/flows/:flowId': { action: 'flow.renamed', prepare: flowAct('patch', '', { name: 'Renamed' }) },
    'DELETE /v1/flows/:flowId': { action: 'flow.deleted', prepare: flowAct('delete', '') },
    'POST /v1/flows/:flowId/start': {
      action: 'flow.started',
      prepare: async () => {
        const { id } = await made('/v1/flows', { name: 'Tick', draft: timer });
        await as().post(`/v1/flows/${id}/publish`).expect(201);
        return () => as().post(`/v1/flows/${id}/start`);
      },
    },
    'POST /v1/flows/:flowId/stop': { action: 'flow.stopped', prepare: flowAct('post', '/stop', {}, 'running') },
    'POST /v1/flows/:flowId/pause': { action: 'flow.paused', prepare: flowAct('post', '/pause', undefined, 'running') },
    'POST /v1/flows/:flowId/resume': { action: 'flow.resumed', prepare: flowAct('post', '/resume', {}, 'paused') },
    'POST /v1/flows/:flowId/queue/cancel': {
      action: 'flow.queue_cancelled',
      prepare: async () => {
        const flow = await seeded('paused');
        await held(flow);
        return () => as().post(`/v1/flows/${flow.flowId}/queue/cancel`);
      },
    },
    'POST /v1/flows/:flowId/queue/release': {
      action: 'flow.key_released',
      prepare: async () => {
        const flow = await seeded('running', { order: { key: 'id', onFailure: 'park' } });
        await held(flow, key);
        await sql(`update held_run set state = 'failed' where flow_id = $1`, [flow.flowId]);
        return () =>
          as()
            .post(`/v1/flows/${flow.flowId}/queue/release`)
            .send({ key: key.toString('hex') });
      },
    },
    'PUT /v1/flows/:flowId/draft': {
      action: 'flow.draft_saved',
      prepare: flowAct('put', '/draft', { steps: [], edges: [] }),
    },
    'POST /v1/flows/:flowId/publish': {
      action: 'flow.published',
      prepare: async () => {
        const { id } = await made('/v1/flows', { name: 'Tick', draft: timer });
        return () => as().post(`/v1/flows/${id}/publish`);
      },
    },
    'POST /v1/flows/:flowId/snapshot/reset': {
      action: 'flow.snapshot_reset',
      prepare: async () => {
        const { id } = await made('/v1/flows', { name: 'Tick', draft: timer });
        await as().post(`/v1/flows/${id}/publish`).expect(201);
        return () => as().post(`/v1/flows/${id}/snapshot/reset`);
      },
    },
    'POST /v1/flows/:flowId/versions/:number/restore': {
      action: 'flow.version_restored',
      prepare: flowAct('post', '/versions/1/restore'),
    },
    'POST /v1/flows/:flowId/steps/:stepId/sample': {
      action: 'flow.sample_taken',
      prepare: flowAct('post', '/steps/step_1/sample', generated),
    },
    'DELETE /v1/flows/:flowId/steps/:stepId/sample': {
      action: 'flow.sample_deleted',
      prepare: async () => {
        const { flowId } = await seeded();
        await as().post(`/v1/flows/${flowId}/steps/step_1/sample`).send(generated).expect(200);
        return () => as().delete(`/v1/flows/${flowId}/steps/step_1/sample`);
      },
    },
    'POST /v1/runs/:runId/cancel': {
      action: 'run.cancelled',
      prepare: async () => {
        const runId = await beginRun(test.database, await seeded());
        return () => as().post(`/v1/runs/${runId}/cancel`);
      },
    },
    'POST /v1/runs/:runId/retry': {
      action: 'run.retried',
      prepare: async () => {
        const runId = await failedRun(test.database, await seeded());
        return () => as().post(`/v1/runs/${runId}/retry`).send({});
      },
    },
    'POST /v1/runs/:runId/replay': {
      action: 'run.replayed',
      prepare: async () => {
        const runId = await failedRun(test.database, await seeded());
        return () => as().post(`/v1/runs/${runId}/replay`).send({ version: 'same' });
      },
    },
    'POST /v1/runs/bulk': {
      action: 'job.created',
      prepare: async () => () =>
        as()
          .post('/v1/runs/bulk')
          .send({ action: 'cancel', filter: { flowId: newId() } }),
    },
    'POST /v1/jobs/:jobId/cancel': {
      action: 'job.cancelled',
      prepare: async () => {
        const { workspaceId, userId } = await test.signedIn({ workspaceId: admin().workspaceId });
        const job = { id: newId<string>(), action: 'cancel', version: null, createdBy: userId } as const;
        // One transaction, so that no runner takes it before it is somebody else's; a workspace has one that runs.
        await test.database.dataSource.transaction(async (manager) => {
          await manager.query(
            `update bulk_job set status = 'done', finished_at = now()
             where workspace_id = $1 and status in ('queued', 'running')`,
            [workspaceId],
          );
          await insertBulkJob(manager, workspaceId, { ...job, filter: {}, maxOpen: 100, createdAt: new Date() });
          await manager.query(
            `update bulk_job set status = 'running', lease_owner = $1, lease_until = now() + interval '1 hour' where id = $1`,
            [job.id],
          );
        });
        return () => as().post(`/v1/jobs/${job.id}/cancel`);
      },
    },
    'POST /v1/parked/:parkedId/release': {
      action: 'parked_message.released',
      prepare: async () => {
        const id = await parked();
        return () => as().post(`/v1/parked/${id}/release`);
      },
    },
    'DELETE /v1/parked/:parkedId': {
      action: 'parked_message.deleted',
      prepare: async () => {
        const id = await parked();
        return () => as().delete(`/v1/parked/${id}`);
      },
    },
    'PATCH /v1/workspace': {
      action: 'workspace.changed',
      prepare: async () => {
        await sql('update workspace set retention_days = 30 where id = $1', [admin().workspaceId]);
        return () => as().patch('/v1/workspace').send({ retentionDays: 7 });
      },
    },
    'POST /v1/users': {
      action: 'user.created',
      prepare: async () => {
        const email = `${randomUUID()}@example.test`;
        return () => as().post('/v1/users').send({ email, name: 'Grace' });
      },
    },
    'PATCH /v1/users/:userId': {
      action: 'user.changed',
      prepare: async () => {
        const { userId } = await colleague();
        return () => as().patch(`/v1/users/${userId}`).send({ disabled: true });
      },
    },
    'DELETE /v1/users/:userId': {
      action: 'user.deleted',
      prepare: async () => {
        const { userId } = await colleague();
        return () => as().delete(`/v1/users/${userId}`);
      },
    },
    'POST /v1/users/:userId/link': {
      action: 'user.link_created',
      prepare: async () => {
        const { id } = await invited();
        return () => as().post(`/v1/users/${id}/link`);
      },
    },
    'POST /v1/invitations/accept': {
      action: 'user.password_chosen',
      prepare: async () => {
        const { link } = await invited();
        return () => test.anonymous().post('/v1/invitations/accept').send({ token: link?.token, password: chosen });
      },
    },
    'POST /v1/api-tokens': {
      action: 'api_token.created',
      prepare: async () => () => as().post('/v1/api-tokens').send({ name: 'Deployment' }),
    },
    'DELETE /v1/api-tokens/:apiTokenId': {
      action: 'api_token.deleted',
      prepare: async () => {
        const { id } = await made('/v1/api-tokens', { name: 'Deployment' });
        return () => as().delete(`/v1/api-tokens/${id}`);
      },
    },
  };
}
