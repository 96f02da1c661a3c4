import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { eventually } from '@millrace/testing';
import { call, type Flow } from '../support/tutorial.js';
import { useConsole } from './console.fixture.js';
import {
  addNewFlow,
  addSampleManually,
  chooseComponent,
  chooseType,
  createCredential,
  dragOnto,
  fieldOf,
  panelOf,
  pickValue,
  publishAndStart,
  saveCredential,
  typeSample,
} from './step-panel.fixture.js';

const test = useConsole('own');
const patienceMs = 60_000;

describe('the step panel', () => {
  it('finds out from a request that GitHub signs it, and the flow takes only what is signed so', async () => {
    const page = await test.signedIn();
    page.setDefaultTimeout(patienceMs);
    await addNewFlow(page);
    await chooseComponent(page, 'webhook', 'Webhook');
    await page.getByRole('button', { name: 'Create new credential' }).click();
    await chooseType(page, 'HMAC verification');
    await page.getByRole('button', { name: 'Find out from a request' }).click();
    const body = '{"zen": "Keep it simple", "number": 7}';
    const signature = `sha256=${createHmac('sha256', 'swordfish').update(body).digest('hex')}`;
    await page.getByLabel('Headers').fill(`content-type: application/json\nX-Hub-Signature-256: ${signature}`);
    await page.getByLabel('Body').fill(body);
    await page.getByRole('textbox', { name: 'Secret of the sender' }).fill('swordfish');
    await page.getByRole('button', { name: 'Find the signature' }).click();
    await page.getByText('This fits').first().waitFor();
    await page.getByRole('button', { name: 'Use this' }).first().click();
    expect(await page.getByRole('combobox', { name: 'Type' }).inputValue()).toBe('GitHub');
    await saveCredential(page);
    await page.getByRole('button', { name: 'Generate sample' }).waitFor();
    await page.getByRole('button', { name: 'Skip sample' }).click();
    await page.getByRole('button', { name: 'Finish step' }).click();
    await chooseComponent(page, 'transform', 'Core');
    await page.getByRole('button', { name: /^Filter/ }).click();
    await page.getByRole('textbox', { name: 'Condition' }).fill('number > 5');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: 'Skip sample' }).click();
    await page.getByRole('button', { name: 'Finish step' }).click();
    await panelOf(page).waitFor({ state: 'hidden' });
    const url = await publishAndStart(page);
    await eventually(async () => expect((await call(url, body)).status).toBe(401), { timeoutMs: patienceMs });
    const answer = await call(url, body, { 'x-hub-signature-256': signature });
    expect(answer.status).toBe(200);
    const { requestId } = (await answer.json()) as { requestId: string };
    await eventually(
      async () => expect(await test.running.api.get(`/v1/runs/${requestId}`)).toMatchObject({ status: 'succeeded' }),
      { timeoutMs: patienceMs },
    );
  });

  it('leads from a webhook to a tweet, whose text is an expression with a live result', async () => {
    const page = await test.signedIn();
    page.setDefaultTimeout(patienceMs);
    const flowId = await addNewFlow(page);
    await chooseComponent(page, 'webhook', 'Webhook');
    await createCredential(page, { type: 'No Auth', name: 'Open to all' });
    await addSampleManually(page, '{"headline": "gromit won"}');
    await page.getByRole('button', { name: 'Finish step' }).click();
    await chooseComponent(page, 'tweet', 'X (Twitter)');
    await page.getByRole('button', { name: /^Post a tweet/ }).click();
    await createCredential(page, {
      type: 'OAuth 1.0a',
      fields: {
        'Consumer key': 'sandbox-consumer-key',
        'Consumer secret': 'sandbox-consumer-secret',
        'Access token': '783214001-sandbox-access-token',
        'Access token secret': 'sandbox-access-secret-of-millrace',
      },
    });
    await pickValue(page, 'Text', 'headline');
    await page.getByRole('button', { name: 'Write an expression for Text' }).click();
    const editor = page.getByRole('textbox', { name: 'Text' });
    await editor.fill('$uppercase(headline) & "!"');
    await page.getByText('"GROMIT WON!"').waitFor();
    await editor.fill('$uppercase(headline');
    await page
      .getByText(/^At character \d+/)
      .first()
      .waitFor();
    await editor.fill('$uppercase(headline) & "!"');
    await page.getByText('"GROMIT WON!"').waitFor();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: 'Generate sample' }).click();
    await page.getByRole('button', { name: 'Delete', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: 'Finish step' }).click();
    await panelOf(page).waitFor({ state: 'hidden' });
    const url = await publishAndStart(page);
    await eventually(async () => expect((await call(url, { headline: 'preston lost' })).status).toBe(200));
    await eventually(
      async () => {
        const { items } = await test.running.api.get<{ items: { id: string; status: string }[] }>(
          `/v1/runs?flowId=${flowId}`,
        );
        expect(items).toMatchObject([{ status: 'succeeded' }]);
        const run = await test.running.api.get<{ steps: { input: unknown }[] }>(`/v1/runs/${items[0]?.id}`);
        expect(run.steps[1]?.input).toEqual({ text: 'PRESTON LOST!' });
      },
      { timeoutMs: patienceMs },
    );
  });

  it('takes samples from a real request, a list of properties and XML, and their data by mouse and by keys', async () => {
    const page = await test.signedIn();
    const flowId = await addNewFlow(page);
    await chooseComponent(page, 'webhook', 'Webhook');
    await createCredential(page, { type: 'No Auth', name: 'For samples' });
    const panel = panelOf(page);

    await page.getByRole('button', { name: 'Send sample request' }).click();
    await panel.getByText('Waiting for a request').waitFor();
    expect(await panel.getByLabel('URL of the webhook').innerText()).toBe(`${test.running.urls.hook}/hook/${flowId}`);
    const command = await panel.getByLabel('Command that sends a request').innerText();
    const { stdout } = await promisify(execFile)('sh', ['-c', command]);
    expect(stdout).toContain('thank you');
    await panel.getByText('Taken from a request').waitFor();
    expect(await sampleOf(flowId)).toEqual({ petname: 'Gromit', petstatus: 'Sold' });

    await page.getByRole('button', { name: 'Replace' }).click();
    await page.getByRole('button', { name: 'Add sample manually' }).click();
    await typeSample(page, 'List of properties', 'petname, owner.name, owner name');
    await panel.getByText('Added manually').waitFor();
    expect(await sampleOf(flowId)).toEqual({
      petname: 'petname',
      owner: { name: 'owner.name' },
      'owner name': 'owner name',
    });
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: 'Finish step' }).click();
    await chooseComponent(page, 'petstore', 'Petstore API');
    await page.getByRole('button', { name: /^Create a pet with promise/ }).click();
    await createCredential(page, { name: 'For samples', fields: { 'API key': 'secret' } });

    // Nothing may have to be scrolled between taking hold of a line and letting it go.
    await page.setViewportSize({ width: 1280, height: 1_200 });
    await page.getByRole('button', { name: 'Show sample data' }).click();
    await dragOnto(page, panel.getByRole('button', { name: /^petname/ }), fieldOf(page, 'Name'));
    await eventually(async () => expect(await fieldOf(page, 'Name').inputValue()).toBe('petname'));

    await page.goto(`/flows/${flowId}?step=step_1&field=/sample`);
    await page.getByRole('button', { name: 'Replace' }).click();
    await page.getByRole('button', { name: 'Add sample manually' }).click();
    await typeSample(page, 'XML', '<pet><state>sold</state>');
    await page.getByText(/line 1/i).waitFor();
    await typeSample(page, 'XML', '<pet number="7"><state>sold</state><tag>a</tag><tag>b</tag></pet>');
    await panel.getByText('Added manually').waitFor();
    await page.goto(`/flows/${flowId}?step=step_2&field=/mapping/status`);
    await page.getByRole('button', { name: 'Choose value for Status' }).focus();
    await page.keyboard.press('Enter');
    await page.getByLabel('Search the data').fill('sta');
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
    await eventually(async () => expect((await mappingOf(flowId))['status']).toBe('pet.state'), { timeoutMs: 10_000 });
    expect((await mappingOf(flowId))['name']).toBe('petname');
    await page.getByText('"sold"').first().waitFor();
  });

  it('builds a flow that looks for new pets by itself, and says when', async () => {
    const pet = { name: 'Gromit', status: 'pending' };
    const headers = { 'content-type': 'application/json', 'api-key': 'secret' };
    await fetch(`${test.running.urls.sandbox}/petstore/v2/pet`, {
      method: 'POST',
      headers,
      body: JSON.stringify(pet),
    });
    const page = await test.signedIn();
    page.setDefaultTimeout(patienceMs);
    const flowId = await addNewFlow(page);
    await chooseComponent(page, 'petstore', 'Petstore API');
    await createCredential(page, { name: 'For looking', fields: { 'API key': 'secret' } });
    await page.getByRole('combobox', { name: 'Statuses' }).press('ArrowDown');
    await page.getByRole('option', { name: 'pending' }).click();
    await page.keyboard.press('Escape');
    const seconds = fieldOf(page, 'Seconds');
    expect(await seconds.inputValue()).toBe('60');
    await seconds.fill('');
    await seconds.fill('2');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page
      .getByText(/a whole number of seconds from 5/)
      .first()
      .waitFor();
    await seconds.fill('5');
    await page.getByText('It looks for something new every 5 seconds.').waitFor();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: 'Retrieve sample' }).click();
    await page.getByText('"Gromit"').first().waitFor();
    await page.getByText('Looks every 5 seconds, 1 field set').waitFor();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: 'Finish step' }).click();
    await chooseComponent(page, 'transform', 'Core');
    await page.getByRole('button', { name: /^Filter/ }).click();
    await page.getByRole('textbox', { name: 'Condition' }).fill('id > 0');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: 'Skip sample' }).click();
    await page.getByRole('button', { name: 'Finish step' }).click();
    await page.getByRole('button', { name: 'Publish draft' }).click();
    const schedule = page.getByRole('region', { name: 'Schedule' });
    await schedule.getByText('Looks every 5 seconds').waitFor();
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await schedule.getByText(/Last time/).waitFor();
    await eventually(
      async () => {
        const { items } = await test.running.api.get<{ items: object[] }>(`/v1/runs?flowId=${flowId}`);
        expect(items).toMatchObject([{ status: 'succeeded' }]);
      },
      { timeoutMs: patienceMs },
    );
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await schedule.getByText('The flow is stopped').waitFor();
  });

  it('connects an account of X in a window of its own, and says so when access is denied', async () => {
    const page = await test.signedIn();
    await openNewStep(page, { component: 'twitter', operation: 'postTweet' });
    await page.getByRole('button', { name: 'Create new credential' }).click();
    await chooseType(page, 'OAuth 2.0');
    await fieldOf(page, 'Name').fill('Connected');
    await fieldOf(page, 'Client ID').fill('sandbox-client');
    await fieldOf(page, 'Client secret').fill('sandbox-client-secret');
    const connect = async (decision: 'Allow' | 'Deny') => {
      const opening = page.waitForEvent('popup');
      await page.getByRole('button', { name: 'Connect' }).click();
      const popup = await opening;
      await popup.getByRole('button', { name: decision }).click();
      return popup;
    };
    const denied = await connect('Deny');
    await denied.getByText('The authorization was not given').waitFor();
    await page.getByText('The authorization was not given').waitFor();
    await denied.getByRole('button', { name: 'Close this window' }).click();
    expect(await fieldOf(page, 'Client secret').inputValue()).toBe('sandbox-client-secret');
    const allowed = await connect('Allow');
    await page.getByRole('radio', { name: 'Connected', checked: true }).waitFor();
    await eventually(() => expect(allowed.isClosed()).toBe(true));
  });

  it('offers the values of the component, says when it is away, and keeps what is typed', async () => {
    const { api } = test.running;
    const { stack } = test;
    const { id: credentialId } = await api.post<{ id: string }>('/v1/credentials', {
      component: 'petstore',
      name: 'For values',
      fields: { apiKey: 'secret' },
    });
    const page = await test.signedIn();
    const flowId = await openNewStep(page, { component: 'petstore', operation: 'createPet', credentialId });
    await page.goto(`/flows/${flowId}?step=step_2&field=/mapping/status`);
    const status = page.locator('[data-pointer="/mapping/status"] input');
    await status.click();
    await page.getByRole('option', { name: 'Pending' }).click();
    await eventually(async () => expect((await mappingOf(flowId))['status']).toBe('"pending"'), { timeoutMs: 10_000 });

    const petstore = stack.service('component-petstore');
    await petstore.stop();
    await page.getByRole('button', { name: 'Reload the values of Status' }).click();
    await page.getByText(/The component cannot be reached/).waitFor();
    expect(await status.inputValue()).toBe('pending');
    await petstore.start();
    await petstore.waitHealthy();
    await page.getByRole('button', { name: 'Reload the values of Status' }).click();
    await page.getByText(/The component cannot be reached/).waitFor({ state: 'hidden' });

    await page.goto(`/flows/${flowId}?step=step_2&field=/credentialId`);
    await page.getByRole('button', { name: 'Create new credential' }).click();
    const [name, key] = [fieldOf(page, 'Name'), fieldOf(page, 'API key')];
    const save = page.getByRole('button', { name: 'Save', exact: true });
    await name.fill('Stopped in between');
    await key.fill('secret');
    process.kill(petstore.pid!, 'SIGSTOP');
    await save.click();
    await page.getByText('Petstore API checks the credential').waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Petstore API checks the credential').waitFor({ state: 'hidden' });
    process.kill(petstore.pid!, 'SIGCONT');
    expect([await name.inputValue(), await key.inputValue()]).toEqual(['Stopped in between', 'secret']);
    await key.fill('wrong');
    await save.click();
    await page.getByText(/Petstore refused the API key/).waitFor();
    expect([await name.inputValue(), await key.inputValue()]).toEqual(['Stopped in between', 'wrong']);
    await key.fill('secret');
    await save.click();
    await page.getByRole('radio', { name: 'Stopped in between', checked: true }).waitFor();
    // The check that was stopped has stored nothing, though it would have gone well.
    expect(await page.getByRole('radio', { name: 'Stopped in between' }).count()).toBe(1);
  });
});

/** Opens a flow from a webhook to a step that is chosen, but not filled in. */
async function openNewStep(page: Page, step: object): Promise<string> {
  const { id } = await test.running.api.post<Flow>('/v1/flows', {
    name: 'In between',
    draft: {
      steps: [
        { id: 'step_1', component: 'webhook', operation: 'receive' },
        { id: 'step_2', ...step },
      ],
      edges: [{ from: 'step_1', to: 'step_2' }],
    },
  });
  await page.goto(`/flows/${id}?step=step_2`);
  return id;
}

async function sampleOf(flowId: string): Promise<unknown> {
  const path = `/v1/flows/${flowId}/steps/step_1/sample`;
  return (await test.running.api.get<{ output: unknown }>(path)).output;
}

async function mappingOf(flowId: string): Promise<Record<string, unknown>> {
  const { draft } = await test.running.api.get<{ draft: { steps: { mapping?: Record<string, unknown> }[] } }>(
    `/v1/flows/${flowId}/draft`,
  );
  return draft.steps[1]?.mapping ?? {};
}
