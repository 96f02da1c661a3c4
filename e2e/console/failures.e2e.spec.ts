import type { Page, Route } from 'playwright-core';
import { expect, it } from 'vitest';
import { signInByForm, useConsole } from './console.fixture.js';
import { forms, type Form } from './forms.fixture.js';

const test = useConsole();

const problem =
  (status: number, fields: object = {}) =>
  (route: Route) =>
    route.fulfill({
      status,
      contentType: 'application/problem+json',
      headers: status === 429 ? { 'retry-after': '120' } : {},
      body: JSON.stringify({
        type: 'about:blank',
        title: 'Title',
        status,
        code: 'some_code',
        requestId: 'request-7',
        ...fields,
      }),
    });

async function typed(page: Page): Promise<void> {
  await page.getByRole('textbox', { name: 'E-mail address' }).fill('wallace@example.com');
  await page.getByLabel(/^Password/).fill('cracking toast');
  await page.getByRole('button', { name: 'Sign in' }).click();
}

it.each([
  ['refused', 401, { code: 'wrong_sign_in' }, 'The e-mail address or the password is wrong'],
  ['forbidden', 403, { code: 'forbidden', title: 'This needs another role' }, 'This needs another role'],
  ['in conflict', 409, { title: 'Someone was faster' }, 'Someone was faster'],
  [
    'invalid',
    422,
    { problems: [{ pointer: '/email', code: 'invalid', message: 'is no address' }] },
    'email: is no address',
  ],
  ['too frequent', 429, { code: 'too_many_requests' }, 'you have to wait 2 minutes'],
  ['broken', 500, { code: 'internal' }, 'Something went wrong in Millrace'],
  [
    'not possible at the moment',
    503,
    { code: 'unavailable', detail: 'The database cannot be reached.' },
    'The database cannot be reached.',
  ],
] as const)('a form that is %s (%i) says so, and what was typed stays', async (_name, status, fields, words) => {
  const page = await test.open();
  await page.route('**/v1/sessions', problem(status, fields));
  await typed(page);
  const alert = page.getByRole('alert');
  await alert.waitFor();
  expect(await alert.innerText()).toContain(words);
  if (![401, 429].includes(status)) expect(await alert.innerText()).toContain('request-7');
  expect(await page.getByRole('textbox', { name: 'E-mail address' }).inputValue()).toBe('wallace@example.com');
  expect(await page.getByLabel(/^Password/).inputValue()).toBe('cracking toast');
});

it('a form says when Millrace cannot be reached, and works when it is back', async () => {
  const page = await test.open();
  await page.route('**/v1/sessions', (route) => route.abort('connectionrefused'));
  await typed(page);
  await page.getByRole('alert').waitFor();
  expect(await page.getByRole('alert').innerText()).toContain('Millrace cannot be reached');
  await page.unroute('**/v1/sessions');
  await signInByForm(page, test.running.administrator);
});

it('a page waits for a slow answer with a word, and reads are tried again until the control plane is back', async () => {
  const page = await test.signedIn();
  let calls = 0;
  await page.route('**/v1/sessions/current', async (route) => {
    calls += 1;
    if (calls < 3) await problem(503, { code: 'unavailable' })(route);
    else await route.continue();
  });
  await page.reload({ waitUntil: 'commit' });
  await page.getByRole('status').first().waitFor({ state: 'attached' });
  await page.getByRole('heading', { level: 1, name: 'Dashboard' }).waitFor();
  expect(calls).toBeGreaterThanOrEqual(3);
});

it('a read that fails for good is said with its request id, and "Try again" helps', async () => {
  const page = await test.signedIn();
  await page.route('**/v1/sessions/current', problem(500, { code: 'internal' }));
  await page.reload();
  const alert = page.getByRole('alert');
  await alert.waitFor();
  expect(await alert.innerText()).toMatch(/Something went wrong in Millrace[^]*request-7/);
  await page.unroute('**/v1/sessions/current');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('heading', { level: 1, name: 'Dashboard' }).waitFor();
});

it('a session that ends leaves the page as it is: a dialog asks for the password, and then it goes on', async () => {
  const page = await test.open();
  await page.clock.install();
  await signInByForm(page, test.running.administrator);
  await page.getByRole('heading', { level: 1, name: 'Dashboard' }).waitFor();
  await page.context().clearCookies();
  await page.clock.fastForward(90_000);
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  const dialog = page.getByRole('dialog', { name: 'Sign in again' });
  await dialog.waitFor();
  expect(new URL(page.url()).pathname).toBe('/');
  await dialog.getByLabel(/^Password/).fill(test.running.administrator.password);
  await page.keyboard.press('Enter');
  await page.clock.fastForward(1_000);
  await dialog.waitFor({ state: 'detached' });
  expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Dashboard');
});

it('a page whose files cannot be loaded says so inside the frame, and loads once they can', async () => {
  const page = await test.signedIn();
  await page.route('**/assets/flows-page-*', (route) => route.abort('connectionrefused'));
  await page.route('**/health/live', (route) => route.abort('connectionrefused'));
  await page.getByRole('link', { name: 'Flows', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'This page could not be loaded' }).waitFor();
  expect(await page.getByRole('alert').innerText()).toContain('Millrace cannot be reached');
  // React logs what a boundary has caught.
  expect(test.takeFaults().join()).toMatch(/dynamically imported module|preload CSS/);
  await page.unroute('**/assets/flows-page-*');
  await page.getByRole('button', { name: 'Load the page again' }).click();
  await page.getByRole('heading', { level: 1, name: 'Flows' }).waitFor();
});

/** What is wrong, and the words in which the page says so. */
const failures: [words: string, answer: (route: Route, form: Form) => Promise<void>][] = [
  ['Something went wrong in Millrace', problem(500, { code: 'internal' })],
  [
    'is not to its taste',
    (route, { pointer }) =>
      problem(422, { problems: [{ pointer, code: 'taste', message: 'is not to its taste' }] })(route),
  ],
  ['Millrace cannot be reached', (route) => route.abort('connectionrefused')],
  ['Your session has ended', problem(401, { code: 'unauthenticated' })],
];

it.each(forms('').map(({ name }) => name))('the form “%s” keeps what was typed whatever fails', async (name) => {
  const flow = await test.running.api.post<{ id: string }>('/v1/flows', { name: 'A grand day out' });
  const form = forms(flow.id).find((each) => each.name === name)!;
  const [method, address] = form.saves;
  const page = await test.signedIn(form.path);
  let answer = failures[0]![1];
  const answerFailure = (route: Route) =>
    route.request().method() === method ? answer(route, form) : route.fallback();
  await page.route(`**${address}`, answerFailure);
  await form.open(page);
  for (const [field, value] of form.typed) await field(page).fill(value);
  await form.choose?.(page);
  for (const [words, next] of failures) {
    answer = next;
    // Of a form without a button of its own the first try has been made already.
    const save = form.save(page);
    if (form.typed.length > 0 || words !== failures[0]![0]) await save.click();
    await page.getByText(words).first().waitFor();
    if (words === 'Your session has ended') await signInAgain(page);
    const kept = await Promise.all(form.typed.map(([field]) => field(page).inputValue()));
    expect({ words, kept }).toEqual({ words, kept: form.typed.map(([, value]) => value) });
  }
  await page.unroute(`**${address}`, answerFailure);
  await form.save(page).click();
  const done = page.getByRole('button', { name: 'Done' });
  await form.saved(page).or(done).first().waitFor();
  if (await done.isVisible()) await done.click();
  await form.saved(page).first().waitFor();
});

/** Escape, which closes dialogs, leaves those that are below this one open. */
async function signInAgain(page: Page): Promise<void> {
  const dialog = page.getByRole('dialog', { name: 'Sign in again' });
  await dialog.and(page.locator(':focus-within')).waitFor();
  await page.keyboard.press('Escape');
  await dialog.getByLabel(/^Password/).fill(test.running.administrator.password);
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
}
