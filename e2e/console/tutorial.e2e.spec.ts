import { expect, it } from 'vitest';
import { eventually } from '@millrace/testing';
import { call } from '../support/tutorial.js';
import { useConsole } from './console.fixture.js';
import {
  addNewFlow,
  addSampleManually,
  chooseComponent,
  createCredential,
  panelOf,
  pickValue,
  publishAndStart,
} from './step-panel.fixture.js';

const test = useConsole();
const patienceMs = 60_000;
const sample = '{\n  "petname": "Gromit",\n  "petstatus": "Sold"\n}';

it('a person builds webhook to Petstore click by click, three requests run, and Basic Auth keeps others out', async () => {
  const page = await test.signedIn();
  page.setDefaultTimeout(patienceMs);

  const flowId = await addNewFlow(page);
  await chooseComponent(page, 'webhook', 'Webhook');
  await createCredential(page, { type: 'No Auth' });
  await addSampleManually(page, sample);
  await page.getByRole('button', { name: 'Finish step' }).click();

  await chooseComponent(page, 'petstore', 'Petstore API');
  await page.getByRole('button', { name: /^Create a pet with promise/ }).click();
  await createCredential(page, { fields: { 'API key': 'secret' } });
  await pickValue(page, 'Name', 'petname');
  await pickValue(page, 'Status', 'petstatus');
  expect(await page.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('petname');
  await page.getByText('On the sample:').first().waitFor();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: 'Retrieve sample' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).waitFor();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByText('Nothing is missing.').waitFor();
  await page.getByRole('button', { name: 'Finish step' }).click();
  await panelOf(page).waitFor({ state: 'hidden' });

  const url = await publishAndStart(page);
  expect(url).toBe(`${test.running.urls.hook}/hook/${flowId}`);
  const { draft } = await test.running.api.get<{ draft: { steps: { mapping?: unknown }[] } }>(`/v1/flows/${flowId}`);
  expect(draft.steps[1]?.mapping).toEqual({ name: 'petname', status: 'petstatus' });
  for (let sent = 0; sent < 3; sent += 1) {
    const answer = await eventually(async () => {
      const got = await call(url, { petname: 'Gromit', petstatus: 'Sold' });
      expect(got.status).toBe(200);
      return got;
    });
    expect(await answer.json()).toMatchObject({ message: 'thank you' });
  }

  await page.goto('/');
  const recent = page.getByRole('region', { name: 'Recent runs' });
  await eventually(async () => expect(await recent.getByText('succeeded').count()).toBe(3), { timeoutMs: patienceMs });
  await recent.getByRole('link', { name: 'New flow' }).first().click();
  const steps = page.getByRole('region', { name: 'Steps of the run' });
  await steps.getByText('webhook').first().waitFor();
  await steps.getByText('petstore').first().waitFor();

  await page.goto(`/flows/${flowId}?step=step_1&field=/credentialId`);
  await createCredential(page, {
    type: 'Basic Auth',
    name: 'Only Wallace',
    fields: { Username: 'wallace', Password: 'chee:se' },
  });
  await page.getByRole('button', { name: 'Publish draft' }).click();
  const body = { petname: 'Feathers', petstatus: 'available' };
  await eventually(async () => expect((await call(url, body)).status).toBe(401), { timeoutMs: patienceMs });
  const authorization = `Basic ${Buffer.from('wallace:chee:se').toString('base64')}`;
  const { requestId } = (await (await call(url, body, { authorization })).json()) as { requestId: string };
  await page.goto(`/runs/${requestId}`);
  await page.getByText('succeeded').first().waitFor();
  await page.goto('/credentials');
  await page.getByRole('row', { name: /Only Wallace\s*Basic Auth/ }).waitFor();
});
