import { findChromium } from '@millrace/local-infra';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { runStack, type RunningStack } from '../support/running-stack.js';
import { openWorkspace, type ConsoleWorkspace } from './workspace.fixture.js';

/** A workspace of Millrace and a browser before it. */
export interface ConsoleTest {
  readonly running: ConsoleWorkspace;
  /** The services, for tests with a stack of their own to stop and start. */
  readonly stack: RunningStack['stack'];
  /** Where the console is. */
  readonly url: string;
  /** What pages have logged as errors so far; it does not fail the test any more. */
  takeFaults(): string[];
  /** A page of a fresh browser profile, on the sign-in page. What it logs as an error fails the test. */
  open(options?: BrowserContextOptions): Promise<Page>;
  /** A page that is signed in as the administrator and shows `path`. */
  signedIn(path?: string, options?: BrowserContextOptions): Promise<Page>;
}

/** How long the browser waits for anything before the test fails. */
const patienceMs = 30_000;

/**
 * Opens a workspace and a browser before the tests of a file and closes the browser after them. After each test its pages are
 * closed, and the test fails when one of them logged an error or had one that nobody caught.
 *
 * @param stack `own` for tests that change what all workspaces share; it takes 20 s more
 */
export function useConsole(stack: 'shared' | 'own' = 'shared'): ConsoleTest {
  let running: ConsoleWorkspace;
  let browser: Browser;
  let own: RunningStack | undefined;
  const faults: string[] = [];

  beforeAll(async () => {
    browser = await openBrowser();
    if (stack === 'shared') {
      running = await openWorkspace();
    } else {
      own = await runStack();
      running = { ...own, urls: own.stack.urls, amqpUrl: own.broker.amqpUrl };
    }
  });
  afterAll(async () => {
    await browser.close();
    await own?.stop();
  });
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    expect(faults.splice(0), 'errors in the log of the browser').toEqual([]);
  });

  const open = async (options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext({ baseURL: running.urls.api, ...options });
    context.setDefaultTimeout(patienceMs);
    const page = await context.newPage();
    collectFaults(page, faults);
    await page.goto('/');
    return page;
  };

  return {
    get running() {
      return running;
    },
    get stack() {
      if (!own) throw new Error("Services that others use stay as they are: call useConsole('own').");
      return own.stack;
    },
    get url() {
      return running.urls.api;
    },
    takeFaults: () => faults.splice(0),
    open,
    async signedIn(path = '/', options = {}) {
      const page = await open(options);
      await signInByForm(page, running.administrator);
      if (path !== '/') await page.goto(path);
      return page;
    },
  };
}

/** A headless Chromium. In containers its sandbox has no rights and its shared memory is small. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = await findChromium();
  if (!executablePath) throw new Error('Install chromium, or let CHROMIUM_PATH name its executable; npm test does so.');
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'] });
}

/** Fills in the form of the sign-in page. Resolves when the dashboard, or the page one came from, is there. */
export async function signInByForm(page: Page, { email, password }: ConsoleWorkspace['administrator']): Promise<void> {
  await page.getByRole('textbox', { name: 'E-mail address' }).fill(email);
  await page.getByLabel(/^Password/).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: /^Account of/ }).waitFor();
}

/** Notes what goes wrong in a page. That a call is refused is noted by the browser, too, but it is no fault of the page. */
export function collectFaults(page: Page, faults: string[]): void {
  page.on('pageerror', (error) => faults.push(`uncaught: ${error.stack ?? error.message}`));
  page.on('console', (message) => {
    if (message.type() !== 'error' || message.text().startsWith('Failed to load resource')) return;
    // The browser tries again by itself.
    if (/net::ERR_|EventSource/.test(message.text())) return;
    faults.push(message.text());
  });
}
