import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
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

const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement;
    return element?.getAttribute('aria-label') ?? element?.textContent ?? '';
  });

/** Presses Tab until what has the focus is called so. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press('Tab');
    if ((await focused(page)) === name) return;
  }
  throw new Error(`Tab does not lead to "${name}"`);
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
  await page.keyboard.press('ArrowDown');
  for (let presses = 0; presses < 8 && (await focused(page)) !== 'Dark'; presses += 1)
    await page.keyboard.press('ArrowDown');
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
