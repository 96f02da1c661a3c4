import { expect, it } from 'vitest';
import { signInByForm, useConsole } from './console.fixture.js';

const test = useConsole();

const items = [
  'Dashboard',
  'Flows',
  'Runs',
  'Incidents',
  'Rejections',
  'Parked',
  'Credentials',
  'Components',
  'API tokens',
  'Users',
  'Audit',
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
