import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { useConsole } from './console.fixture.js';
import { freshInstallation } from './fresh-installation.fixture.js';
import { screens, type Screen } from './screens.js';
import { seedConsole, type Seed } from './seed.fixture.js';

const test = useConsole();
let seed: Seed;
beforeAll(async () => {
  seed = await seedConsole(test.running);
});

/** Where pictures of all screens go; `npm run screenshots` sets it. */
const picturesFolder = process.env['SCREENS_DIR'];
const widths = [1280, 390];
const schemes = ['light', 'dark'] as const;

/** Each scheme and each width; for pictures each with each. */
const looks = schemes
  .flatMap((scheme) => widths.map((width) => ({ scheme, width })))
  .filter(({ scheme, width }) => picturesFolder !== undefined || (scheme === 'light') === (width === 1280));

it.each(looks)(
  'every screen is free of serious faults for people who cannot see or click well, and fits: $scheme at $width px',
  async ({ scheme, width }) => {
    const options = {
      colorScheme: scheme,
      viewport: { width, height: width > 800 ? 800 : 844 },
      reducedMotion: 'reduce',
    } as const;
    const before = await test.open(options);
    const signedIn = await test.signedIn('/', options);
    const faults: string[] = [];
    for (const screen of screens(seed)) {
      const page = screen.signedOut ? before : signedIn;
      faults.push(...(await faultsOf(page, screen)));
      if (picturesFolder !== undefined) await takePicture(page, `${screen.name}-${scheme}-${width}.png`);
      // What a screen leaves open or stored is none of the next one's.
      await page.evaluate(() => localStorage.removeItem('millrace-tutorial-began-at'));
    }
    expect(faults).toEqual([]);
  },
);

it('so is the set-up of a fresh installation', async () => {
  // It hears the components of the shared broker, too, so it is there for this only.
  const fresh = await freshInstallation(test.running);
  const faults: string[] = [];
  try {
    for (const { scheme, width } of looks) {
      const viewport = { width, height: width > 800 ? 800 : 844 };
      const page = await test.open({ baseURL: fresh.url, colorScheme: scheme, viewport, reducedMotion: 'reduce' });
      faults.push(...(await faultsOf(page, { name: 'setup', path: '/setup' })));
      if (picturesFolder !== undefined) await takePicture(page, `setup-${scheme}-${width}.png`);
    }
  } finally {
    await fresh.stop();
  }
  expect(faults).toEqual([]);
});

async function faultsOf(page: Page, screen: Screen): Promise<string[]> {
  await page.goto(screen.path);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page
    .locator('[aria-busy="true"]')
    .first()
    .waitFor({ state: 'detached' })
    .catch(() => undefined);
  await screen.prepare?.(page);
  const { violations } = await new AxeBuilder({ page }).analyze();
  const faults = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${screen.name}: ${id}: ${node.html.slice(0, 160)}`));
  const found = await page.evaluate(() => ({
    beyond: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    headings: document.querySelectorAll('h1').length,
    hacked: 'hacked' in window,
  }));
  if (found.beyond > 0) faults.push(`${screen.name}: is ${found.beyond} px wider than the window`);
  if (found.headings !== 1) faults.push(`${screen.name}: has ${found.headings} h1`);
  if (found.hacked) faults.push(`${screen.name}: has run a script from outside`);
  return faults;
}

async function takePicture(page: Page, file: string): Promise<void> {
  mkdirSync(picturesFolder!, { recursive: true });
  await page.screenshot({ path: join(picturesFolder!, file), animations: 'disabled' });
}
