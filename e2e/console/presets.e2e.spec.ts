import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { eventually } from '@millrace/testing';
import { call } from '../support/tutorial.js';
import { useConsole } from './console.fixture.js';
import {
  addNewFlow,
  addSampleManually,
  chooseComponent,
  chooseType,
  createCredential,
  panelOf,
  pickValue,
  publishAndStart,
  saveCredential,
} from './step-panel.fixture.js';

const test = useConsole();
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
});
