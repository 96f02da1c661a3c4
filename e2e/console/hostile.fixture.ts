import { randomUUID } from 'node:crypto';
import { openDatabase, parkMessages } from '@millrace/persistence';
import type { ConsoleWorkspace } from './workspace.fixture.js';
import type { Flow, Run } from '../support/tutorial.js';

/** Texts that would run, lead away, or turn a page around if they were anything but text. */
const act = 'globalThis.hostile=1';
export const script = `<script>${act}</script>`;
export const image = `<img src=x onerror="${act}">`;
export const link = `javascript:${act}`;
export const turned = '\u202Egnp.exe\u202C\u2067\u200F';
/** Fits into a name. */
export const name = `${script}${image}${link}${turned}{{7*7}}\${7*7}`;
export const letters = 'x'.repeat(100_000);

const body = {
  [`${script}key`]: script,
  [image]: { deep: [image, link, turned] },
  __html: image,
  letters,
  text: `${name} ${letters}`,
};

/** Where everything hostile is to be looked at. */
export interface HostileWorkspace {
  flowId: string;
  /** Succeeds; its body and headers are hostile. */
  runId: string;
  /** Fails with a hostile text. */
  failedRunId: string;
  user: { email: string; password: string };
}

/** Fills a workspace with hostile names, bodies, headers, error texts, samples, reasons and descriptors. */
export async function fillWithHostileText(running: ConsoleWorkspace): Promise<HostileWorkspace> {
  const { api } = running;
  const open = await api.post<{ id: string }>('/v1/credentials', {
    component: 'webhook',
    name: `open ${name}`,
    fields: { type: 'none' },
  });
  const guarded = await api.post<{ id: string }>('/v1/credentials', {
    component: 'webhook',
    name: `guarded ${name}`,
    fields: { type: 'basic', username: 'u', password: 'p' },
  });
  const runs: string[] = [];
  const flows = [
    await startedFlow(running, open.id, '$'),
    // What the expression throws is what came in.
    await startedFlow(running, open.id, '$error(document.text)'),
    await startedFlow(running, guarded.id, '$'),
  ];
  for (const flow of flows) {
    const answer = await fetch(`${flow.webhookUrl}/${encodeURIComponent(script)}?q=${encodeURIComponent(image)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-hostile': image, 'user-agent': script },
      body: JSON.stringify(body),
    });
    // The last one is refused: a rejection.
    if (answer.ok) runs.push(((await answer.json()) as { requestId: string }).requestId);
  }
  const [runId = '', failedRunId = ''] = runs;
  for (const id of runs) await finished(running, id);
  const flowId = flows[0]?.id ?? '';
  await api.post(`/v1/flows/${flowId}/steps/step_1/sample`, { mode: 'manual', value: { body } });
  await api.post('/v1/api-tokens', { name });
  // A sign-in that fails is noted with the address that was given, whoever gives it.
  await fetch(`${running.urls.api}/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: name, password: 'wrong' }),
  });
  await spoilRows(running, guarded.id);
  return { flowId, runId, failedRunId, user: await hostileAdministrator(running) };
}

async function startedFlow({ api }: ConsoleWorkspace, credentialId: string, expression: string): Promise<Flow> {
  const steps = [
    { id: 'step_1', component: 'webhook', operation: 'receive', credentialId, name, note: name },
    {
      id: 'step_2',
      component: 'core',
      operation: 'transform',
      name,
      config: { expression },
      mapping: { document: '$' },
      retry: { maxAttempts: 1 },
    },
  ];
  const edges = [{ from: 'step_1', to: 'step_2', condition: null }];
  const flow = await api.post<Flow>('/v1/flows', { name: `${expression} ${name}`, draft: { steps, edges } });
  await api.post(`/v1/flows/${flow.id}/publish`);
  return api.post<Flow>(`/v1/flows/${flow.id}/start`);
}

async function finished({ api }: ConsoleWorkspace, id: string): Promise<void> {
  for (;;) {
    const run = await api.get<Run>(`/v1/runs/${id}`).catch(() => undefined);
    if (run && ['succeeded', 'failed'].includes(run.status)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** What a component says of a credential, and of itself; why a message is parked; the name of the workspace. */
async function spoilRows({ databaseUrl }: ConsoleWorkspace, credentialId: string): Promise<void> {
  const database = await openDatabase({ url: databaseUrl, applicationName: 'spec' });
  try {
    await database.dataSource.query(`update credential set status = 'failing', failure = $2 where id = $1`, [
      credentialId,
      `${name} ${letters.slice(0, 1_500)}`,
    ]);
    await database.dataSource.query('update workspace set name = $1', [name]);
    await parkMessages(database, [
      {
        id: randomUUID(),
        queue: 'triggers',
        reason: name,
        messageId: randomUUID(),
        body: Buffer.from(JSON.stringify(body)),
        headers: '{}',
      },
    ]);
    const field = { type: 'string', title: name, description: name, default: image, examples: [link, letters] };
    const schema = { type: 'object', properties: { [script]: field }, required: [script] };
    const operation = {
      name: 'hostile',
      title: name,
      description: `${name} ${letters}`,
      kind: 'action',
      idempotency: 'none',
      config: schema,
      input: schema,
      output: schema,
      retrievesSample: false,
    };
    const descriptor = {
      name: 'hostile',
      title: name,
      description: `${name} ${letters}`,
      version: script,
      credentials: { fields: schema, required: true, verifies: false },
      operations: [operation],
    };
    await database.dataSource.query('insert into component (name, version, descriptor) values ($1, $2, $3)', [
      'hostile',
      script,
      JSON.stringify(descriptor),
    ]);
  } finally {
    await database.close();
  }
}

/** An administrator with a hostile name: it stands in the frame of every page. */
async function hostileAdministrator({ api, urls }: ConsoleWorkspace): Promise<{ email: string; password: string }> {
  const user = { email: 'mallory@example.com', password: 'words that mallory chose' };
  const { link: invitation } = await api.post<{ link: { token: string } }>('/v1/users', {
    email: user.email,
    name,
    role: 'administrator',
  });
  await fetch(`${urls.api}/v1/invitations/accept`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: invitation.token, password: user.password }),
  });
  return user;
}
