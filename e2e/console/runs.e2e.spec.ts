import { randomUUID } from 'node:crypto';
import { newId, type RunId } from '@millrace/contracts';
import { openDatabase, parkMessages, type Database } from '@millrace/persistence';
import { eventually } from '@millrace/testing';
import type { Page as BrowserPage } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, startTutorialFlow, type Flow, type Run, type tutorialDraft } from '../support/tutorial.js';
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
    await dialog.getByLabel('The published version').check();
    await dialog.getByRole('button', { name: 'Retry' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.locator('header').getByText('succeeded').waitFor();

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
    await page.getByRole('link', { name: 'Runs' }).last().click();
    await page.waitForURL('**/runs?status=failed');

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

  it('is among the incidents, which lead to its runs', async () => {
    const page = await test.signedIn('/incidents');
    await page.getByRole('heading', { name: /must be one of available, pending, sold/ }).waitFor();
    await page.getByRole('link', { name: 'Show runs' }).click();
    await page.waitForURL(/\/runs\?.*code=peer_refused/);
    await expect.poll(() => rowsOf(page).count(), patient).toBeGreaterThan(1);
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

describe('the list of flows', () => {
  it('finds, copies, exports and imports, and brings back what was deleted', async () => {
    const page = await test.signedIn('/flows');
    await page.getByLabel('Search').fill('petstore');
    await page.waitForURL('**/flows?q=petstore');
    await page.getByRole('button', { name: 'More for Webhook to Petstore' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: 'Export as JSON' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('webhook-to-petstore.json');
    const file = await download.path();
    await page.getByLabel('File of a flow').setInputFiles(file);
    await page.getByText(/Webhook to Petstore.* is imported as a draft/).waitFor();
    await page.getByRole('group', { name: 'Status' }).getByText('draft').click();
    const flows = page.getByRole('table', { name: 'Flows' }).getByRole('row');
    await expect.poll(() => flows.count(), patient).toBe(2);
    await page.getByRole('button', { name: 'More for Webhook to Petstore' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByText('No flow matches').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('table', { name: 'Flows' }).getByRole('link', { name: 'Webhook to Petstore' }).waitFor();
  });
});

async function publish(mapping: Record<string, string>): Promise<void> {
  const { api } = test.running;
  const { draft } = await api.get<{ draft: ReturnType<typeof tutorialDraft> }>(`/v1/flows/${flow.id}`);
  const steps = draft.steps.map((step) => (step.id === 'step_2' ? { ...step, mapping } : step));
  await api.put(`/v1/flows/${flow.id}/draft`, { ...draft, steps });
  await api.post(`/v1/flows/${flow.id}/publish`);
}
