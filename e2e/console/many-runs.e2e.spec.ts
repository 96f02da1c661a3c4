/*
 * The list of runs with many of them. Figures are printed and not judged: they depend on the machine. At full size:
 *
 *     RUNS=100000 npx vitest run --project console e2e/console/many-runs.e2e.spec.ts
 */
import { openDatabase } from '@millrace/persistence';
import type { Page as BrowserPage } from 'playwright-core';
import { expect, it } from 'vitest';
import { startTutorialFlow } from '../support/tutorial.js';
import { useConsole } from './console.fixture.js';
import { failsEvery, writeManyRuns, type RunsOf } from './many-runs.fixture.js';

const test = useConsole();
const count = Number(process.env['RUNS'] ?? 3_000);

const rowsOf = (page: BrowserPage) => page.getByRole('table', { name: 'Runs' }).getByRole('row');

it(`shows, scrolls and filters ${count} runs`, { timeout: 1_800_000 }, async () => {
  const flow = await startTutorialFlow(test.running.api);
  const database = await openDatabase({ url: test.running.databaseUrl, poolSize: 2, applicationName: 'many runs' });
  const figures: Record<string, number> = new Proxy<Record<string, number>>({}, { set: tell });
  try {
    const [of] = await database.dataSource.query<RunsOf[]>(
      `select workspace_id as "workspaceId", id as "flowId", published_version_id as "versionId" from flow where id = $1`,
      [flow.id],
    );
    figures['written in ms'] = await timed(() => writeManyRuns(database, of!, count));
    await database.dataSource.query('analyze run, step_run');
  } finally {
    await database.close();
  }

  const page = await test.signedIn('/');
  const fresh = await test.open({ storageState: await page.context().storageState() });
  figures['dashboard, nothing cached, shows its figures after ms'] = await fresh.evaluate(whenShown, 'Figures');
  figures['and follows a click after ms'] = await timed(async () => {
    await fresh.getByText('7 d', { exact: true }).click();
    await fresh.getByText('in the last 7 days').first().waitFor();
  });
  await fresh.close();
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Runs' }).click();
  await rowsOf(page).nth(1).waitFor();

  const box = page.getByRole('rowgroup', { name: 'Runs, newest first' });
  const waits = await box.evaluate(scrolled, { pages: Math.min(100, Math.floor(count / 100) - 1) });
  figures['scrolled past runs'] = waits.runs;
  figures['longest time without a row in sight in ms'] = waits.longestEmptyMs;
  figures['longest frame while scrolling in ms'] = waits.longestFrameMs;
  figures['longest wait at the end of what was loaded in ms'] = waits.longestEndMs;

  const filter = async (name: string, act: () => Promise<void>, address: RegExp): Promise<void> => {
    figures[name] = await timed(async () => {
      await act();
      await page.waitForURL((url) => address.test(url.search));
      await expect.poll(() => box.getAttribute('aria-busy'), { interval: 10, timeout: 20_000 }).toBe('false');
    });
  };
  const status = page.getByRole('group', { name: 'Status' });
  await filter('filtered by failed in ms', () => status.getByText('failed').click(), /^\?status=failed$/);
  await filter('filtered by failed and a text in ms', () => page.getByLabel('Search').fill('to pet 9'), /q=to/);
  await filter('the text is gone in ms', () => page.getByLabel('Search').fill(''), /^\?status=failed$/);
  await status.getByText('failed').click();
  await filter('filtered by succeeded in ms', () => status.getByText('succeeded').click(), /^\?status=succeeded$/);

  expect(waits.runs).toBeGreaterThan(Math.min(count, 5_000) / 2);
  // A bounded count says that there may be more.
  type Count = { count: number; more: boolean };
  const failures = await test.running.api.get<Count>('/v1/runs/count?status=failed');
  if (!failures.more) expect(failures.count).toBe(Math.ceil(count / failsEvery));
});

function tell(_figures: Record<string, number>, name: string | symbol, value: number): boolean {
  process.stdout.write(`${String(name)}: ${Math.round(value)}\n`);
  return true;
}

/** Milliseconds from the beginning of the navigation until a section of this name is there. */
async function whenShown(name: string): Promise<number> {
  while (!document.querySelector(`[aria-label="${name}"]`)) await new Promise(requestAnimationFrame);
  return performance.now();
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await act();
  return performance.now() - began;
}

/**
 * Scrolls as a person with a wheel does, in the page: a screen at each frame. Tells the longest frame, how long nothing was
 * in sight, and how long the end of what was loaded kept one waiting.
 */
async function scrolled(
  box: Element,
  { pages }: { pages: number },
): Promise<{ runs: number; longestFrameMs: number; longestEmptyMs: number; longestEndMs: number }> {
  const rowHeight = 52;
  const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
  const result = { runs: 0, longestFrameMs: 0, longestEmptyMs: 0, longestEndMs: 0 };
  let last = await frame();
  let emptySince: number | undefined;
  let endSince: number | undefined;
  while (box.scrollTop < pages * 100 * rowHeight) {
    const before = box.scrollTop;
    box.scrollTop += box.clientHeight * 0.6;
    const now = await frame();
    result.longestFrameMs = Math.max(result.longestFrameMs, now - last);
    last = now;
    const bounds = box.getBoundingClientRect();
    const shows = document.elementFromPoint(bounds.left + 300, bounds.top + bounds.height / 2)?.closest('[role="row"]');
    if (shows) emptySince = undefined;
    else result.longestEmptyMs = Math.max(result.longestEmptyMs, now - (emptySince ??= now));
    if (box.scrollTop > before) endSince = undefined;
    else result.longestEndMs = Math.max(result.longestEndMs, now - (endSince ??= now));
    if (result.longestEndMs > 20_000) break;
  }
  result.runs = Math.round(box.scrollTop / rowHeight);
  return result;
}
