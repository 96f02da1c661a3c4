import { createCredential, createRunningFlow } from '@millrace/dev';
import { eventually } from '@millrace/testing';
import type { Locator, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { call } from '../support/tutorial.js';
import { signInByForm, useConsole } from './console.fixture.js';

const test = useConsole();

const items = [
  'Dashboard',
  'Flows',
  'Runs',
  'Incidents',
  'Rejections',
  'Credentials',
  'Components',
  'API tokens',
  'Users',
  'Audit',
  'Parked',
  'Workspace',
];

it('a wrong password is said in words and the address stays; the right one leads in, and signing out leads out', async () => {
  const page = await test.open();
  const { administrator } = test.running;
  await page.waitForURL('**/sign-in');
  await page.getByRole('textbox', { name: 'E-mail address' }).fill(administrator.email);
  expect(await page.title()).toBe('Sign in · Millrace');
  await page.getByLabel(/^Password/).fill('wrong');
  await page.keyboard.press('Enter');
  expect(await page.getByRole('alert').innerText()).toContain('The e-mail address or the password is wrong');
  expect(await page.getByRole('textbox', { name: 'E-mail address' }).inputValue()).toBe(administrator.email);

  await signInByForm(page, administrator);
  expect(new URL(page.url()).pathname).toBe('/');
  await page.getByRole('button', { name: /Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.waitForURL('**/sign-in');
  await page.goto('/flows');
  await page.waitForURL('**/sign-in?from=%2Fflows');
});

it('every item of the navigation opens its page', async () => {
  const page = await test.signedIn();
  const navigation = page.getByRole('navigation', { name: 'Main' });
  expect(await navigation.getByRole('link').allInnerTexts()).toEqual(items);
  for (const name of items.toReversed()) {
    await navigation.getByRole('link', { name, exact: true }).click();
    await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
    expect(await page.title()).toBe(`${name} · Millrace`);
    expect(await navigation.locator('[aria-current="page"]').allInnerTexts()).toEqual([name]);
  }
});

it('the sign-in comes back to where one was', async () => {
  const page = await test.open();
  await page.goto('/runs?status=failed');
  await page.waitForURL('**/sign-in?from=*');
  await signInByForm(page, test.running.administrator);
  await page.waitForURL('**/runs?status=failed');
});

/** What has the focus, in words; a step of the designer by its id. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement;
    const label = element?.getAttribute('data-step') ?? element?.getAttribute('aria-label') ?? element?.textContent;
    return label?.trim() ?? '';
  });

const focusGoesTo = (page: Page, name: string) => expect.poll(() => focused(page), { timeout: 10_000 }).toBe(name);

/** Presses a key until what has the focus is called so. */
async function pressUntil(page: Page, key: string, name: string | RegExp): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press(key);
    const now = await focused(page);
    if (typeof name === 'string' ? now === name : name.test(now)) return;
  }
  throw new Error(`${key} does not lead to ${String(name)}`);
}

const tabTo = (page: Page, name: string | RegExp) => pressUntil(page, 'Tab', name);

async function press(page: Page, name: string | RegExp): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.press('Enter');
}

/** Opens a page by the navigation. */
async function goTo(page: Page, name: string): Promise<void> {
  await press(page, name);
  await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
}

/** Opens the menu of a button and goes to one of its items. */
async function goToItem(page: Page, menu: string | RegExp, item: string): Promise<void> {
  await press(page, menu);
  await page.locator('[role=menu]:focus-within').waitFor();
  await pressUntil(page, 'ArrowDown', item);
}

it('help opens beside what is under way, at the place that it is about', async () => {
  const page = await test.signedIn('/runs');
  const link = page.getByRole('link', { name: /^How a run goes on/ });
  const [help] = await Promise.all([page.context().waitForEvent('page'), link.click()]);
  await isInView(help, 'How a run goes on');
  expect(new URL(page.url()).pathname).toBe('/runs');
  await help.getByRole('navigation', { name: 'On this page' }).getByRole('link', { name: 'Expressions' }).click();
  await isInView(help, 'Expressions');
  await help.goto('/components/petstore#operation-createPet');
  await isInView(help, 'Create a pet with promise');
});

async function isInView(page: Page, heading: string): Promise<void> {
  const place = page.getByRole('heading', { name: heading, exact: true });
  const height = page.viewportSize()?.height ?? 0;
  await expect
    .poll(async () => (await place.boundingBox().catch(() => null))?.y ?? -1, { timeout: 10_000 })
    .toSatisfy((y: number) => y >= 0 && y < height);
}

it('the first Tab offers to skip the navigation, and Enter leads into the page', async () => {
  const page = await test.signedIn('/flows');
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.keyboard.press('Tab');
  const skip = page.getByRole('link', { name: 'Skip to the page' });
  expect(await skip.evaluate((link) => link === document.activeElement && link.getBoundingClientRect().top >= 0)).toBe(
    true,
  );
  await page.keyboard.press('Enter');
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
});

it('pages are opened by keyboard, and the focus goes into the page that was opened', async () => {
  const page = await test.signedIn();
  await tabTo(page, 'Credentials');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Credentials' }).waitFor();
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
});

it('the account menu is opened, used and left by keyboard, and the focus comes back to its button', async () => {
  const page = await test.signedIn();
  await tabTo(page, 'Account of Administrator');
  await page.keyboard.press('Enter');
  await page.getByRole('menuitemradio', { name: 'Light' }).waitFor();
  await pressUntil(page, 'ArrowDown', 'Dark');
  await page.keyboard.press('Enter');
  await page.locator('html[data-mantine-color-scheme="dark"]').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('menu').waitFor({ state: 'detached' });
  expect(await focused(page)).toBe('Account of Administrator');
  await page.reload();
  await page.locator('html[data-mantine-color-scheme="dark"]').waitFor();
});

it('on a phone the navigation is behind a burger: out of reach while closed, closed by choosing', async () => {
  const page = await test.signedIn('/', { viewport: { width: 390, height: 844 } });
  const burger = page.getByRole('button', { name: 'Open the navigation' });
  const flows = page.getByRole('link', { name: 'Flows', exact: true });
  await burger.waitFor();
  expect(await flows.isVisible()).toBe(false);
  await burger.focus();
  await page.keyboard.press('Enter');
  await flows.waitFor();
  await tabTo(page, 'Flows');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Flows' }).waitFor();
  await flows.waitFor({ state: 'hidden' });
});

describe('by keyboard alone', () => {
  beforeAll(async () => {
    const { api } = test.running;
    const credentialId = await createCredential(api, { component: 'webhook', name: 'Open', fields: { type: 'none' } });
    const steps = [{ id: 'step_1', component: 'webhook', operation: 'receive', credentialId }];
    const draft = { steps, edges: [] };
    await api.post('/v1/flows', { name: 'By keyboard', draft });
    const { webhookUrl } = await createRunningFlow(api, { name: 'Has run', draft });
    await eventually(async () => expect((await call(webhookUrl, { pet: 'Gromit' })).status).toBe(200));
    await api.post('/v1/users', { name: 'Piella', email: 'piella@example.com', role: 'member' });
  });

  it('a flow is opened, a step added, deleted and brought back, and the flow is published and started', async () => {
    const page = await test.signedIn();
    await goTo(page, 'Flows');
    await press(page, 'By keyboard');
    await page.getByRole('heading', { level: 1, name: 'By keyboard' }).waitFor();
    const added = page.locator('[data-step="step_2"]');

    await tabTo(page, 'step_1');
    await page.keyboard.press('a');
    await expect.poll(() => isFocused(page.getByLabel('Find a component')), { timeout: 10_000 }).toBe(true);
    await page.keyboard.type('petstore');
    await page.keyboard.press('Enter');
    await added.filter({ hasText: 'Petstore' }).waitFor();
    await pressUntil(page, 'Shift+Tab', 'Close the step');
    await page.keyboard.press('Enter');
    await focusGoesTo(page, 'step_2');
    await page.keyboard.press('Delete');
    await added.waitFor({ state: 'detached' });
    await focusGoesTo(page, 'step_1');
    await page.keyboard.press('Control+z');
    await added.waitFor();
    await page.keyboard.press('ArrowDown');
    await focusGoesTo(page, 'step_2');
    await goToItem(page, /^Actions of /, 'DeleteDel');
    await page.keyboard.press('Enter');
    await added.waitFor({ state: 'detached' });
    await focusGoesTo(page, 'step_1');
    await goToItem(page, /^Actions of /, 'Add a step after itA');
    await page.keyboard.press('Enter');
    await expect.poll(() => isFocused(page.getByLabel('Find a component')), { timeout: 10_000 }).toBe(true);
    await pressUntil(page, 'Shift+Tab', 'Undo');
    await page.keyboard.press('Enter');
    await page.locator('[data-step]').nth(1).waitFor({ state: 'detached' });

    await page.getByRole('button', { name: /^\d+ problems?$/ }).waitFor({ state: 'detached' });
    await press(page, 'Publish draft');
    await page.getByText('Version 1 is published').waitFor();
    await page.getByRole('button', { name: 'Start', exact: true }).waitFor();
    await press(page, 'Start');
    const pause = page.getByRole('button', { name: 'Pause', exact: true });
    await pause.waitFor();
    await expect.poll(() => isFocused(pause), { timeout: 10_000 }).toBe(true);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect.poll(() => isFocused(page.getByRole('button', { name: 'Start', exact: true }))).toBe(true);
  });

  it('a run is opened and its steps are walked', async () => {
    const page = await test.signedIn();
    await goTo(page, 'Runs');
    await press(page, 'Has run');
    await page.getByRole('heading', { level: 1, name: 'Has run' }).waitFor();
    await page.locator('header').getByText('succeeded').waitFor();
    await tabTo(page, /step_1succeeded/);
    await page.keyboard.press('Enter');
    await tabTo(page, 'Request');
    await page.keyboard.press('ArrowRight');
    await page.getByRole('tab', { name: 'Output', selected: true }).waitFor();
  });

  it('what menus and dialogs are left by Escape gives the focus back to where they were opened', async () => {
    const page = await test.signedIn('/flows');
    await goToItem(page, 'More for By keyboard', 'Copy');
    await page.keyboard.press('Escape');
    await focusGoesTo(page, 'More for By keyboard');
    // Left before it has its focus, as soon as it is there and once it has it: no press is lost, no late focus goes with it.
    for (const restMs of [0, 5, 20, 40, 55, 80, 150]) {
      await page.keyboard.press('Enter');
      await page.waitForTimeout(restMs);
      await page.keyboard.press('Escape');
      await page.locator('[role=menu]').waitFor({ state: 'detached' });
      await focusGoesTo(page, 'More for By keyboard');
    }

    const dialog = page.getByRole('dialog');
    const leaves = async (opener: string): Promise<void> => {
      await dialog.and(page.locator(':focus-within')).waitFor();
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      await focusGoesTo(page, opener);
    };
    await goTo(page, 'API tokens');
    await press(page, 'Create API token');
    await leaves('Create API token');
    await goTo(page, 'Users');
    await press(page, 'Invite user');
    await leaves('Invite user');
    await goToItem(page, 'Change Administrator', 'Link for a new password');
    await page.keyboard.press('Enter');
    await leaves('Change Administrator');
    await goToItem(page, 'Change Piella', 'Delete');
    await page.keyboard.press('Enter');
    await leaves('Change Piella');
    await goTo(page, 'Credentials');
    await press(page, 'Create new credential');
    // The list of components has opened by itself, and is what the first Escape closes.
    await page.getByRole('listbox').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('listbox').waitFor({ state: 'detached' });
    await leaves('Create new credential');
    await goToItem(page, 'Change Open', 'Delete');
    await page.keyboard.press('Enter');
    await leaves('Change Open');
    await goTo(page, 'Runs');
    await press(page, 'Has run');
    await press(page, 'Replay');
    await leaves('Replay');
  });
});

const isFocused = (locator: Locator): Promise<boolean> =>
  locator.evaluate((element) => element === document.activeElement);
