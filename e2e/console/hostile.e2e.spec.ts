import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { signInByForm, useConsole } from './console.fixture.js';
import { fillWithHostileText, image, link, script, type HostileWorkspace } from './hostile.fixture.js';

const test = useConsole('own');
let hostile: HostileWorkspace;

beforeAll(async () => {
  hostile = await fillWithHostileText(test.running);
});

/** Notes what a page must never do. */
async function watched(page: Page): Promise<string[]> {
  const seen: string[] = [];
  page.on('dialog', (dialog) => {
    seen.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.exposeFunction('noteViolation', (text: string) => seen.push(text));
  await page.addInitScript(() => {
    const { noteViolation } = globalThis as unknown as { noteViolation: (text: string) => void };
    document.addEventListener('securitypolicyviolation', (event) =>
      noteViolation(`the policy was violated: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`),
    );
  });
  return seen;
}

/** What of the hostile text has become more than text. */
function alive(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found = [
      ...document.querySelectorAll('img[src="x"], [onerror], a[href^="javascript:" i], base, iframe, object'),
    ];
    // The scripts of the console have an address; a text that became a script has none.
    const scripts = [...document.querySelectorAll('script')].filter((each) => each.src === '');
    const ran = (globalThis as { hostile?: unknown }).hostile === undefined ? [] : ['a script has run'];
    return [...ran, ...[...found, ...scripts].map((each) => each.outerHTML.slice(0, 200))];
  });
}

async function signedInAsMallory(width = 1_280): Promise<{ page: Page; seen: string[] }> {
  const page = await test.open({ viewport: { width, height: 800 } });
  const seen = await watched(page);
  await page.goto('/sign-in?from=javascript:globalThis.hostile=1');
  await signInByForm(page, hostile.user);
  return { page, seen };
}

async function settled(page: Page): Promise<void> {
  await page.locator('main h1').first().waitFor();
  await page.locator('main [aria-busy="true"]').first().waitFor({ state: 'detached' });
}

it('is shown as text on every page, and nothing of it runs, leads away or widens the page', async () => {
  const { page, seen } = await signedInAsMallory();
  const odd = encodeURIComponent(`${script}${image}`);
  const addresses: [string, ...string[]][] = [
    ['/', script, image, link],
    ['/flows', script, image, link],
    [`/flows/${hostile.flowId}`, script, image, link],
    ['/runs', script, image, link],
    [`/runs/${hostile.runId}`, script, image, link],
    [`/runs/${hostile.failedRunId}`, script, image, link],
    [`/runs?status=${odd}&flow=${odd}`, script],
    ['/incidents', script, image, link],
    ['/rejections', script, image, link],
    ['/parked', script, image, link],
    ['/credentials', script, image, link],
    [`/credentials?search=${odd}&component=${odd}`],
    ['/components', script, link],
    [`/components?search=${odd}`],
    ['/components/hostile', script, image, link],
    [`/components/${odd}`],
    ['/api-tokens', script],
    ['/users', script, image],
    ['/audit', script, image, link],
    [`/audit?actor=${odd}&from=${odd}`],
    ['/workspace', script, image, link],
    ['/account', script, image, link],
    [`/${odd}`],
  ];
  for (const [address, ...texts] of addresses) {
    await page.goto(address);
    await settled(page);
    for (const text of texts) {
      expect(await page.getByText(text).filter({ visible: true }).count(), `${address} shows ${text}`).toBeGreaterThan(
        0,
      );
    }
    expect({ [address]: await alive(page) }).toEqual({ [address]: [] });
    const overhang = await page.evaluate(() => document.documentElement.scrollWidth - globalThis.innerWidth);
    expect(overhang, `${address} is too wide by`).toBeLessThanOrEqual(0);
  }
  expect(seen).toEqual([]);
  expect(new URL(page.url()).origin).toBe(test.url);
});

it('stays text in menus, dialogs and notifications, on a phone, too', async () => {
  const { page, seen } = await signedInAsMallory(390);
  await page.getByRole('button', { name: 'Account of' }).click();
  await page.getByRole('menu').getByText(script).first().waitFor();
  await page.keyboard.press('Escape');

  await page.goto('/credentials');
  await settled(page);
  const change = page.getByRole('button', { name: 'Change open' });
  await change.click();
  await page.getByRole('menuitem', { name: 'Verify again' }).click();
  await page.getByText(/ is good\.$/).waitFor();
  await page.getByRole('alert').filter({ hasText: 'is good.' }).getByRole('button').click();
  await change.click();
  await page.getByRole('menuitem', { name: 'Rename' }).click();
  await page.getByRole('dialog').getByText(script).first().waitFor();
  await page.keyboard.press('Escape');
  await change.click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('alert').getByText(script).first().waitFor();
  expect(await alive(page)).toEqual([]);
  await page.keyboard.press('Escape');

  await page.goto('/api-tokens');
  await page.getByRole('button', { name: 'Revoke' }).click();
  const question = page.getByRole('dialog');
  await question.getByText(script).first().waitFor();
  await question.getByRole('button', { name: 'Revoke', exact: true }).click();
  await page.getByText(/ is revoked\.$/).waitFor();
  expect(await alive(page)).toEqual([]);
  for (const address of ['/users', '/audit', '/components', '/components/hostile', '/account']) {
    await page.goto(address);
    await settled(page);
    const overhang = await page.evaluate(() => document.documentElement.scrollWidth - globalThis.innerWidth);
    expect(overhang, `${address} is too wide by`).toBeLessThanOrEqual(0);
  }
  expect(seen).toEqual([]);
});

it('cannot come in by the fragment of an invitation', async () => {
  const page = await test.open();
  const seen = await watched(page);
  await page.goto(`/invitation#token=${encodeURIComponent(`${script}${image}`)}`);
  await page.locator('input[name="new-password"]').fill('a mill turns by the race');
  await page.locator('input[name="new-password-again"]').fill('a mill turns by the race');
  await page.getByRole('button', { name: 'Save and sign in' }).click();
  await page.getByText('The link is not good (any more)').waitFor();
  expect(await alive(page)).toEqual([]);
  expect(seen).toEqual([]);
});
