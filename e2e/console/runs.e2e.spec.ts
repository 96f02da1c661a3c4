import { randomUUID } from 'node:crypto';
import { newId, type RunId } from '@millrace/contracts';
import { createCredential, createRunningFlow } from '@millrace/dev';
import { openDatabase, parkMessages, type Database } from '@millrace/persistence';
import { eventually } from '@millrace/testing';
import type { Page as BrowserPage } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, startTutorialFlow, type Flow, type Run, type tutorialDraft } from '../support/tutorial.js';
import { startApproval } from './approval.fixture.js';
import { useConsole } from './console.fixture.js';

const test = useConsole();
const basic = { authorization: `Basic ${Buffer.from('wallace:cheese').toString('base64')}` };
let flow: Flow;
let database: Database;

beforeAll(async () => {
  const { api, databaseUrl } = test.running;
  flow = await startTutorialFlow(api, { type: 'basic', username: 'wallace', password: 'cheese' });
  database = await openDatabase({ url: databaseUrl, poolSize: 2, applicationName: 'spec' });
});
afterAll(() => database.close());

/** Sends a pet and waits until its run has ended. */
async function ended(pet: object): Promise<Run & { requestId: string }> {
  const { requestId } = (await (await call(flow.webhookUrl, pet, basic)).json()) as { requestId: string };
  return eventually(
    async () => {
      const run = await test.running.api.get<Run & { requestId: string }>(`/v1/runs/${requestId}`);
      expect(run.status).toMatch(/succeeded|failed/);
      return run;
    },
    { timeoutMs: 30_000 },
  );
}

/** The machine may be busy with other tests. */
const patient = { timeout: 20_000 };
const rowsOf = (page: BrowserPage) => page.getByRole('table', { name: 'Runs' }).getByRole('row');
const failing = { petname: '<img src=x onerror=alert(1)>', petstatus: 'asleep' };

describe('a failed run', () => {
  it('is found by its flow, says why it failed, and is retried with a flow that was mended, then replayed', async () => {
    const run = await ended(failing);
    expect(run.status).toBe('failed');
    const page = await test.signedIn('/');
    await page
      .getByRole('region', { name: 'Recent runs' })
      .getByRole('link', { name: 'Webhook to Petstore' })
      .first()
      .click();
    await page.waitForURL(`**/runs/${run.id}`);
    await page.getByText('must be one of available, pending, sold').first().waitFor();
    await page.getByText('How to mend it').waitFor();
    await page.getByText('"<img src=x onerror=alert(1)>"').waitFor();
    await page
      .getByRole('region', { name: 'Steps of the run' })
      .getByRole('button', { name: /step_1/ })
      .click();
    await page.getByRole('tab', { name: 'Request' }).waitFor();
    await page.getByText('"petstatus": ').or(page.getByText('"asleep"')).first().waitFor();

    await publish({ name: 'petname', status: '"sold"' });
    await page.getByRole('button', { name: 'Retry', exact: true }).click();
    const dialog = page.getByRole('dialog');
    // It is newer than what failed, so it is chosen already.
    await expect.poll(() => dialog.getByLabel('The published version').isChecked(), { timeout: 10_000 }).toBe(true);
    await dialog.getByRole('button', { name: 'Retry' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.locator('header').getByText('succeeded').waitFor();
    await page.getByText(', retried with 2').waitFor();
    await page
      .getByRole('region', { name: 'Steps of the run' })
      .getByRole('button', { name: /step_2/ })
      .click();
    await page.getByText('version 2 of the flow').waitFor();

    await page.getByRole('button', { name: 'Replay' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Replay' }).click();
    await page.waitForURL((url) => /\/runs\/[0-9a-f-]{36}$/.test(url.pathname) && !url.pathname.endsWith(run.id));
    await page.getByText('Replay of').waitFor();
    await page.locator('header').getByText('succeeded').waitFor();
    await publish({ name: 'petname', status: 'petstatus' });
  });

  it('is retried with others from the list, whose filters survive a reload and Back', async () => {
    const runs = [await ended(failing), await ended(failing)];
    await ended({ petname: 'Gromit', petstatus: 'sold' });
    const page = await test.signedIn('/runs');
    await page.getByRole('group', { name: 'Status' }).getByText('failed').click();
    await page.waitForURL('**/runs?status=failed');
    await expect.poll(() => rowsOf(page).count(), patient).toBe(runs.length + 1);
    await page.reload();
    await expect.poll(() => rowsOf(page).count(), patient).toBe(runs.length + 1);
    await rowsOf(page).nth(1).getByRole('link').click();
    await page.getByRole('heading', { level: 1, name: 'Webhook to Petstore' }).waitFor();
    await page.getByRole('tab', { name: 'Output' }).click();
    await page.getByRole('link', { name: 'Runs' }).last().click();
    await page.waitForURL('**/runs?status=failed');

    await page.getByLabel('Select all runs that are loaded').check();
    await page.getByRole('button', { name: /^Choose all/ }).click();
    await page.getByText(/^All .* of this list, loaded or not/).waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
    // What was chosen before has gone with it.
    await page.getByLabel('Select all runs that are loaded').check();
    await page.getByRole('region', { name: 'Selected runs' }).getByRole('button', { name: 'Retry 2' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Retry' }).click();
    await page.getByText('2 runs retried').waitFor();
    for (const { id } of runs) {
      await eventually(async () => expect((await test.running.api.get<Run>(`/v1/runs/${id}`)).status).toBe('failed'), {
        timeoutMs: 20_000,
      });
    }
  });

  it('that came while the list was open is announced, and shown when that is asked for', async () => {
    const page = await test.signedIn('/runs');
    await expect.poll(() => rowsOf(page).count(), patient).toBeGreaterThan(1);
    const before = await rowsOf(page).count();
    await ended({ petname: 'Shaun', petstatus: 'sold' });
    await page.getByRole('button', { name: '1 new run' }).click();
    await expect.poll(() => rowsOf(page).count(), patient).toBe(before + 1);
  });

  it('is among the incidents, which lead to its runs and retry them all once the flow is mended', async () => {
    const page = await test.signedIn('/incidents');
    await page.getByRole('heading', { name: /must be one of available, pending, sold/ }).waitFor();
    await page.getByRole('link', { name: 'Show runs' }).click();
    await page.waitForURL(/\/runs\?.*code=peer_refused/);
    await expect.poll(() => rowsOf(page).count(), patient).toBeGreaterThan(1);

    await page.goBack();
    await publish({ name: 'petname', status: '"sold"' });
    await page.getByRole('button', { name: 'Retry all' }).click();
    const dialog = page.getByRole('dialog', { name: 'Retry all runs that failed so?' });
    await dialog.getByLabel('The published version').check();
    await dialog.getByRole('button', { name: 'Retry', exact: true }).click();
    const progress = page.getByRole('region', { name: 'Progress of the job' });
    await progress.getByText(/^\d+ runs? retried$/).waitFor();
    await page.getByText('No incidents').waitFor();
    await progress.getByRole('button', { name: 'Hide the progress' }).click();
    await progress.waitFor({ state: 'detached' });
    await publish({ name: 'petname', status: 'petstatus' });
  });
});

/** What a run of the list holds: larger payloads are left out of it. */
type ListedRun = Run & { steps: { elided: unknown[] }[] };

describe('a run that waits', () => {
  it('shows the URL that resumes it and until when, goes on when that is called, and can be cancelled', async () => {
    const begin = await startApproval(test.running.api);
    const page = await test.signedIn();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const openWaiting = async (): Promise<void> => {
      await page.goto(`/runs/${await begin()}`);
      await page.getByText('Waits for a call of its resume URL').waitFor();
    };
    await openWaiting();
    await page.getByText(/It waits until .*\(in (59 min|1 h)\)/).waitFor();
    await page.getByRole('button', { name: 'Copy the resume URL' }).click();
    const url = await page.evaluate(() => navigator.clipboard.readText());
    expect(await page.locator('code').filter({ hasText: '/resume/' }).innerText()).toBe(url);
    expect((await fetch(url)).status).toBe(200);
    await page.locator('header').getByText('succeeded').waitFor();

    await openWaiting();
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel this run' }).click();
    await page.locator('header').getByText('cancelled').waitFor();
    await page.getByText('Waits for a call of its resume URL').waitFor({ state: 'detached' });
    expect(await page.getByRole('button', { name: 'Cancel', exact: true }).count()).toBe(0);
  });
});

describe('a run with several outputs', () => {
  const petCount = 12;
  let runId: string;
  let splitFlow: { id: string; webhookUrl: string };
  let draft: { steps: ({ id: string } & Record<string, unknown>)[]; edges: object[] };

  beforeAll(async () => {
    const { api } = test.running;
    const open = await createCredential(api, { component: 'webhook', name: 'Open', fields: { type: 'none' } });
    const pets = await createCredential(api, { component: 'petstore', name: 'Pets', fields: { apiKey: 'secret' } });
    draft = {
      steps: [
        { id: 'step_1', component: 'webhook', operation: 'receive', credentialId: open },
        { id: 'step_2', component: 'core', operation: 'split', config: { items: 'pets' } },
        {
          id: 'step_3',
          component: 'petstore',
          operation: 'createPet',
          credentialId: pets,
          mapping: { name: 'item.name', status: 'item.status' },
        },
        {
          id: 'step_4',
          component: 'core',
          operation: 'transform',
          name: 'Count',
          config: { expression: '$count(pets)' },
        },
      ],
      edges: [
        { from: 'step_1', to: 'step_2' },
        { from: 'step_2', to: 'step_3' },
        { from: 'step_1', to: 'step_4' },
      ],
    };
    splitFlow = await createRunningFlow(api, { name: 'Each pet', draft });
    const sent = Array.from({ length: petCount }, (_, at) => ({
      name: `Pet ${at}`,
      status: at === petCount - 1 ? 'asleep' : 'sold',
    }));
    const answer = await call(splitFlow.webhookUrl, { pets: sent, novel: 'word '.repeat(8_000) });
    runId = ((await answer.json()) as { requestId: string }).requestId;
    await eventually(async () => expect((await api.get<Run>(`/v1/runs/${runId}`)).status).toBe('failed'), {
      timeoutMs: 30_000,
    });
  });

  it('shows each of them in its tree, and retries the one that failed from its step', async () => {
    const { api } = test.running;
    const page = await test.signedIn(`/runs/${runId}`);
    const tree = page.getByRole('region', { name: 'Steps of the run' });
    const pets = tree.getByRole('button', { name: /step_3/ });
    await expect.poll(() => pets.count(), patient).toBe(10);
    expect(await pets.filter({ hasText: 'failed' }).count()).toBe(1);
    await tree.getByRole('button', { name: 'Show 2 more' }).click();
    await expect.poll(() => pets.count(), patient).toBe(petCount);
    await tree.getByRole('button', { name: /Count/ }).click();
    await page.getByRole('region', { name: 'Step Count' }).getByText(String(petCount), { exact: true }).waitFor();
    await tree.getByRole('button', { name: /step_2/ }).click();
    await page.getByText(`It gave ${petCount} outputs`).waitFor();

    await pets.filter({ hasText: 'failed' }).click();
    await page.getByText('must be one of available, pending, sold').first().waitFor();
    const mended = draft.steps.map((step) =>
      step.id === 'step_3' ? { ...step, mapping: { name: 'item.name', status: '"sold"' } } : step,
    );
    await api.put(`/v1/flows/${splitFlow.id}/draft`, { ...draft, steps: mended });
    await api.post(`/v1/flows/${splitFlow.id}/publish`);
    await page.getByRole('button', { name: 'Retry from this step' }).click();
    const dialog = page.getByRole('dialog', { name: 'Retry from step_3?' });
    await dialog.getByLabel('The published version').check();
    await dialog.getByRole('button', { name: 'Retry', exact: true }).click();
    await page.getByText('1 step tried again').waitFor();
    await page.locator('header').getByText('succeeded').waitFor();
    expect(await pets.filter({ hasText: 'failed' }).count()).toBe(0);
  });

  it('leaves what is large to be asked for, and copies it whole', async () => {
    const page = await test.signedIn();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    // A run alone leaves out only what a test should not send: the list does so from 16 KiB on.
    const { items } = await test.running.api.get<{ items: ListedRun[] }>(`/v1/runs?flowId=${splitFlow.id}`);
    expect(items[0]?.steps[0]?.elided).toHaveLength(2);
    await page.route(`**/v1/runs/${runId}`, (route) => route.fulfill({ json: items[0] }));
    await page.goto(`/runs/${runId}?step=step_1&tab=output`);
    await page.getByText(/is large: at least \d+ KiB/).waitFor();
    await page.getByRole('button', { name: 'Show it' }).click();
    await page.getByText(`[ ${petCount} ]`).waitFor();
    await page.getByRole('button', { name: 'Copy: Output of step_1' }).click();
    const copied = JSON.parse(await page.evaluate(() => navigator.clipboard.readText())) as { novel: string };
    expect(copied.novel).toBe('word '.repeat(8_000));
    await page.getByRole('tab', { name: 'Request' }).click();
    await page.getByText('The request with its body is large').waitFor();
    expect(await page.getByRole('link', { name: 'Open by itself' }).getAttribute('href')).toContain('part=input');
  });
});

describe('what was not received', () => {
  it('is listed with the reason, without secrets, and found by its request id', async () => {
    const refused = await call(flow.webhookUrl, failing, { authorization: 'Basic d3Jvbmc6d3Jvbmc=' });
    expect(refused.status).toBe(401);
    const { requestId } = (await refused.json()) as { requestId: string };
    const page = await test.signedIn(`/rejections?flow=${flow.id}`);
    await page
      .getByRole('button', { name: /Credentials missing or wrong/ })
      .first()
      .click();
    await page.getByText('How to mend it').waitFor();
    await page.getByText(requestId).waitFor();
    expect(await page.content()).not.toContain('d3Jvbmc6d3Jvbmc=');
    await page.goto(`/runs?q=${requestId}`);
    await page.getByText('It was not received').waitFor();
  });
});

describe('a parked message', () => {
  it('is shown with its body and deleted only after it was confirmed', async () => {
    const messageId = newId<RunId>();
    const body = Buffer.from('{"petname":"Parked"}');
    const reason = 'there is no flow version of it';
    const headers = JSON.stringify({ trigger: JSON.stringify({ flowId: flow.id }) });
    await parkMessages(database, [{ id: randomUUID(), queue: 'triggers', reason, messageId, body, headers }]);
    const page = await test.signedIn('/parked');
    await page.getByRole('button', { name: new RegExp(reason) }).click();
    await page.getByText('"Parked"').waitFor();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete the message' }).click();
    await page.getByText('Nothing is parked').waitFor();
  });
});

async function publish(mapping: Record<string, string>): Promise<void> {
  const { api } = test.running;
  const { draft } = await api.get<{ draft: ReturnType<typeof tutorialDraft> }>(`/v1/flows/${flow.id}`);
  const steps = draft.steps.map((step) => (step.id === 'step_2' ? { ...step, mapping } : step));
  await api.put(`/v1/flows/${flow.id}/draft`, { ...draft, steps });
  await api.post(`/v1/flows/${flow.id}/publish`);
}
