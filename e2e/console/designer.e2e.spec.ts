import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { eventually } from '@millrace/testing';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { allRuns, startTutorialFlow, tutorialDraft, type Flow } from '../support/tutorial.js';
import { signInByForm, useConsole } from './console.fixture.js';
import { flowFile } from './forms.fixture.js';
import { dragOnto, standsStill } from './step-panel.fixture.js';

const test = useConsole();

interface Draft {
  steps: { id: string }[];
  edges: { from: string; to: string }[];
}

const webhookOnly: Draft & { steps: object[] } = {
  steps: [{ id: 'step_1', component: 'webhook', operation: 'receive' }],
  edges: [],
};

async function newFlow(name: string, draft: object = webhookOnly): Promise<Flow> {
  return test.running.api.post<Flow>('/v1/flows', { name, draft });
}

async function savedEdges(flow: Flow): Promise<string[]> {
  const { draft } = await test.running.api.get<{ draft: Draft }>(`/v1/flows/${flow.id}/draft`);
  return draft.edges.map(({ from, to }) => `${from} ${to}`).sort();
}

/** The machine may be busy with other tests. */
const patient = { timeout: 20_000 };
const node = (page: Page, stepId: string) => page.locator(`[data-step="${stepId}"]`);
const saved = (page: Page) =>
  page
    .getByRole('status')
    .filter({ hasText: /^Saved$/ })
    .waitFor();

async function edgesBecome(flow: Flow, edges: string[]): Promise<void> {
  await eventually(async () => expect(await savedEdges(flow)).toEqual(edges), { timeoutMs: 15_000 });
}

describe('the designer', () => {
  it('builds a flow with a branch by keyboard and mouse, publishes and starts it, and its curl works', async () => {
    const { api } = test.running;
    const flow = await newFlow('Pets by hand');
    const page = await test.signedIn(`/flows/${flow.id}`);

    await node(page, 'step_1').focus();
    await page.keyboard.press('a');
    await node(page, 'step_2').waitFor();
    const between = page.getByRole('button', { name: /^Add a step before / });
    await standsStill(between);
    await between.click();
    await node(page, 'step_3').waitFor();
    await edgesBecome(flow, ['step_1 step_3', 'step_3 step_2']);

    await node(page, 'step_1').focus();
    await page
      .getByRole('button', { name: /^Actions of / })
      .first()
      .click();
    await page.getByRole('menuitem', { name: 'Add a branch' }).click();
    await node(page, 'step_4').waitFor();
    await edgesBecome(flow, ['step_1 step_3', 'step_1 step_4', 'step_3 step_2']);
    expect(await page.getByRole('button', { name: /^Condition before .*: always$/ }).count()).toBe(2);

    // Arrow keys lead along the tree, Delete takes a step away, and so does undo with what was done.
    await node(page, 'step_1').focus();
    await page.keyboard.press('ArrowDown');
    await eventually(async () => expect(await focusedStep(page)).toBe('step_3'), { timeoutMs: 5_000 });
    await page.keyboard.press('Delete');
    await edgesBecome(flow, ['step_1 step_2', 'step_1 step_4']);
    await page.keyboard.press('Control+z');
    await edgesBecome(flow, ['step_1 step_3', 'step_1 step_4', 'step_3 step_2']);
    await page.keyboard.press('Control+Shift+z');
    await edgesBecome(flow, ['step_1 step_2', 'step_1 step_4']);

    await saved(page);
    await page.goto(`/flows/${flow.id}`);
    await node(page, 'step_4').waitFor();
    expect(await page.locator('[data-step]').count()).toBe(3);
    await page.getByRole('button', { name: /^\d+ problems?$/ }).click();
    await page
      .getByRole('button', { name: /step_1: Webhook needs a credential|needs a credential/ })
      .first()
      .click();
    await eventually(() => expect(page.url()).toContain('field=%2FcredentialId'), { timeoutMs: 5_000 });

    await fillIn(flow);
    await page.getByText(/^You changed this draft elsewhere/).waitFor();
    await page.getByRole('button', { name: 'Publish draft' }).click();
    await page.getByText('Version 1 is published').waitFor();
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByText('running', { exact: true }).waitFor();

    await page.getByRole('button', { name: 'curl' }).click();
    const command = await page.getByRole('region', { name: 'Command that calls the flow' }).innerText();
    expect(command).toContain("-u '{USERNAME}:{PASSWORD}'");
    const { stdout } = await promisify(execFile)('sh', [
      '-c',
      command.replace('{USERNAME}:{PASSWORD}', 'wallace:cheese'),
    ]);
    expect(stdout).toContain('thank you');
    await eventually(
      async () => expect((await allRuns(api, flow.id)).map(({ status }) => status)).toEqual(['succeeded']),
      { timeoutMs: 30_000 },
    );
  });

  it('moves steps by keys and by dragging, and calls each the same everywhere', async () => {
    const chain = ['step_1', 'step_2', 'step_3'];
    const flow = await newFlow('Reordered', {
      steps: [
        ...webhookOnly.steps,
        { id: 'step_2', component: 'petstore', operation: 'createPet' },
        { id: 'step_3', component: 'core', operation: 'filter' },
      ],
      edges: chain.slice(1).map((to, at) => ({ from: chain[at], to })),
    });
    const page = await test.signedIn(`/flows/${flow.id}`);
    await node(page, 'step_3').focus();
    await page.keyboard.press('Alt+ArrowUp');
    await edgesBecome(flow, ['step_1 step_3', 'step_3 step_2']);
    expect(await focusedStep(page)).toBe('step_3');
    await page.keyboard.press('Alt+ArrowLeft');
    await node(page, 'step_3').hover();
    await dragOnto(page, page.locator('[data-grip="step_3"]'), node(page, 'step_2'));
    await edgesBecome(flow, ['step_1 step_2', 'step_2 step_3']);

    await node(page, 'step_2').click();
    const title = 'Create a pet with promise';
    await page.getByRole('region', { name: `Step ${title}` }).waitFor();
    expect(await node(page, 'step_2').innerText()).toContain(title);
    await page.setViewportSize({ width: 390, height: 800 });
    await page.getByRole('button', { name: 'Close the step' }).click();
    await page.getByRole('button', { name: `Actions of ${title}` }).waitFor();
  });

  it('lets two people decide whose draft stays, and keeps the other one', async () => {
    const flow = await newFlow('Two of us');
    const mine = await test.signedIn(`/flows/${flow.id}`);
    const theirs = await test.open();
    await signInByForm(theirs, await colleague());
    await theirs.goto(`/flows/${flow.id}`);
    await saved(mine);
    await mine.context().setOffline(true);
    await node(mine, 'step_1').focus();
    await mine.keyboard.press('a');
    await mine.getByText(/^Not saved: /).waitFor();
    for (const _time of [1, 2]) {
      await node(theirs, 'step_1').focus();
      await theirs.keyboard.press('a');
      // It takes the focus when it comes.
      await theirs.getByLabel('Find a component').waitFor();
    }
    await edgesBecome(flow, ['step_1 step_3', 'step_3 step_2']);
    await mine.context().setOffline(false);

    const dialog = mine.getByRole('dialog', { name: 'Someone else changed this draft' });
    await dialog.getByText('They changed').waitFor({ timeout: 40_000 });
    await dialog.getByText(/Wendolene.*\(wendolene@example\.com\) saved the draft/).waitFor();
    expect(await savedEdges(flow)).toEqual(['step_1 step_3', 'step_3 step_2']);
    await dialog.getByRole('button', { name: 'Keep mine' }).click();
    await edgesBecome(flow, ['step_1 step_2']);
    await saved(mine);
    await mine.getByRole('button', { name: 'Undo' }).first().click();
    await edgesBecome(flow, ['step_1 step_3', 'step_3 step_2']);
  });

  it('keeps what could not be saved past a reload', async () => {
    const flow = await newFlow('Reloaded');
    const page = await test.signedIn(`/flows/${flow.id}`);
    page.on('dialog', (dialog) => void dialog.accept());
    await page.route('**/draft', (route) => (route.request().method() === 'PUT' ? route.abort() : route.fallback()));
    await node(page, 'step_1').focus();
    await page.keyboard.press('a');
    await page.getByText(/^Not saved: /).waitFor();
    expect(await savedEdges(flow)).toEqual([]);
    await page.unroute('**/draft');
    await page.reload();
    await node(page, 'step_2').waitFor();
    await edgesBecome(flow, ['step_1 step_2']);
  });

  it('draws of a flow with 200 steps only what is in sight, and pans it', async () => {
    const flow = await newFlow('Long', largeDraft(200));
    const page = await test.signedIn(`/flows/${flow.id}`);
    await node(page, 'step_1').waitFor();
    const drawn = await page.locator('[data-step]').count();
    expect(drawn).toBeGreaterThan(3);
    expect(drawn).toBeLessThan(80);
    const frames = await panFrames(page);
    const slowest = Math.max(...frames).toFixed(1);
    const middle = frames.toSorted((one, other) => one - other)[Math.floor(frames.length / 2)]?.toFixed(1);
    const slow = frames.filter((ms) => ms > 50).length;
    process.stdout.write(
      `200 steps, ${drawn} drawn: ${frames.length} frames while panning, middle ${middle} ms, slowest ${slowest} ms, ${slow} above 50 ms\n`,
    );
    await page.getByRole('button', { name: 'Fit View' }).click();
    await eventually(async () => expect(await page.locator('[data-step]').count()).toBe(200), { timeoutMs: 10_000 });
  });
});

describe('the list of flows', () => {
  let flow: Flow;
  beforeAll(async () => {
    flow = await startTutorialFlow(test.running.api);
  });

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

  it('stops, starts, pauses and resumes a flow, and copies it as a draft', async () => {
    const page = await test.signedIn('/flows?status=running,paused,stopped&q=webhook+to');
    const row = page.getByRole('row').filter({ hasText: 'Webhook to Petstore' });
    const choose = async (item: string): Promise<void> => {
      await row.getByRole('button', { name: 'More for Webhook to Petstore' }).click();
      await page.getByRole('menuitem', { name: item, exact: true }).click();
    };
    const becomes = (status: string) => row.getByText(status, { exact: true }).first().waitFor();
    await becomes('running');
    await choose('Pause');
    await becomes('paused');
    await row.getByRole('button', { name: 'Resume Webhook to Petstore' }).click();
    await becomes('running');
    await row.getByRole('button', { name: 'Stop Webhook to Petstore' }).click();
    await becomes('stopped');
    await row.getByRole('button', { name: 'Start Webhook to Petstore' }).click();
    await becomes('running');
    await choose('Copy');
    await page.getByRole('heading', { level: 1, name: /Webhook to Petstore/ }).waitFor();
    await page.getByText('draft', { exact: true }).waitFor();
    expect(page.url()).not.toContain(flow.id);
    expect(await page.locator('[data-step]').count()).toBe(2);
  });

  it('takes files that are dropped, and says of each why it was refused', async () => {
    const page = await test.signedIn('/flows');
    await page.getByRole('table', { name: 'Flows' }).waitFor();
    const credentials = { step_1: { component: 'webhook', name: 'Nobody has it' } };
    const files = [
      { name: 'notes.txt', text: 'feed the dog' },
      { name: 'odd.json', text: flowFile('Odd', { format: 'other' }).buffer.toString() },
      { name: 'good.json', text: flowFile('Dropped', { credentials }).buffer.toString() },
    ];
    const dataTransfer = await page.evaluateHandle((given) => {
      const transfer = new DataTransfer();
      for (const { name, text } of given) transfer.items.add(new File([text], name));
      return transfer;
    }, files);
    await page.dispatchEvent('body', 'dragover', { dataTransfer });
    await page.getByText('Drop the file of a flow here to import it').waitFor();
    await page.dispatchEvent('body', 'drop', { dataTransfer });
    await page.getByText(/Dropped.* is imported as a draft/).waitFor();
    await page.getByText(/there is none called .*Nobody has it/).waitFor();
    await page.getByRole('region', { name: 'Import of notes.txt' }).getByText('It is not JSON').waitFor();
    await page.getByRole('region', { name: 'Import of odd.json' }).getByText('must be millrace.flow').last().waitFor();
    await page.getByRole('button', { name: 'Forget notes.txt' }).click();
    await page.getByRole('link', { name: 'Open it' }).click();
    await page.getByRole('heading', { level: 1, name: 'Dropped' }).waitFor();
  });
});

/** Another member of the workspace. */
async function colleague(): Promise<{ email: string; password: string }> {
  const user = { email: 'wendolene@example.com', password: 'wool and other matters' };
  const { link } = await test.running.api.post<{ link: { token: string } }>('/v1/users', {
    email: user.email,
    name: 'Wendolene',
    role: 'member',
  });
  await fetch(`${test.url}/v1/invitations/accept`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: link.token, password: user.password }),
  });
  return user;
}

/** What the trigger and both branches need to run. */
async function fillIn(flow: Flow): Promise<void> {
  const { api } = test.running;
  const fields = { type: 'basic', username: 'wallace', password: 'cheese' };
  const webhook = await api.post<{ id: string }>('/v1/credentials', { component: 'webhook', name: 'Wallace', fields });
  const petstore = await api.post<{ id: string }>('/v1/credentials', {
    component: 'petstore',
    name: 'Petstore',
    fields: { apiKey: 'secret' },
  });
  const { steps } = tutorialDraft(webhook.id, petstore.id);
  const mapping = { name: '"Gromit"', status: '"Sold"' };
  await api.put(`/v1/flows/${flow.id}/draft`, {
    steps: [steps[0], { ...steps[1], mapping }, { ...steps[1], id: 'step_4', mapping }],
    edges: [
      { from: 'step_1', to: 'step_2' },
      { from: 'step_1', to: 'step_4' },
    ],
  });
}

async function focusedStep(page: Page): Promise<string | null> {
  return page.evaluate(() => document.activeElement?.getAttribute('data-step') ?? null);
}

/** Four branches below the trigger, each a long chain. */
function largeDraft(count: number): Draft {
  const steps = Array.from({ length: count }, (_, at) => ({ id: `step_${at + 1}`, name: `Step number ${at + 1}` }));
  const edges = steps.slice(1).map(({ id }, at) => ({ from: `step_${Math.max(1, at - 2)}`, to: id }));
  return { steps, edges };
}

/** Drags the canvas about and gives how long each frame took meanwhile. */
async function panFrames(page: Page): Promise<number[]> {
  await page.evaluate(() => {
    const frames: number[] = [];
    let last = performance.now();
    const tick = (now: number): void => {
      frames.push(now - last);
      last = now;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
    Object.assign(globalThis, { frames });
  });
  const box = await page.locator('.react-flow__pane').boundingBox();
  if (!box) throw new Error('there is no canvas');
  const [left, bottom] = [box.x + 40, box.y + box.height - 160];
  await page.mouse.move(left, bottom);
  await page.mouse.down();
  for (let at = 1; at <= 90; at += 1) await page.mouse.move(left + at * 5, bottom - at * 4);
  await page.mouse.up();
  return page.evaluate(() => (globalThis as unknown as { frames: number[] }).frames.slice(1));
}
