import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inRepository, repositoryRoot } from '../repository.js';

/** Counted tests. */
export interface TestCount {
  readonly passed: number;
  readonly failed: number;
}

/** The part of vitest's JSON report that is counted. */
export interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

const timeoutMs = 60 * 60_000;
const killAfterMs = 30_000;
/** Specs bring their own servers; those of whoever runs the tests are none of their business. */
const withheld = ['DATABASE_URL', 'AMQP_URL', 'MASTER_KEY', 'HOOK_URL', 'LOG_LEVEL', 'PORT', 'HOST', 'HEALTH_PORT'];

/** Runs all specs, or those that match the filters, with readable output, and counts them. */
export async function runVitest(filters: readonly string[]): Promise<TestCount> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-report-'));
  const reportFile = join(folder, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
    const code = await vitest(['run', ...reporters, ...filters]);
    const text = await readFile(reportFile, 'utf8').catch(() => undefined);
    return countTests(text === undefined ? undefined : (JSON.parse(text) as VitestReport), code);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Adds up a report. A file that fails as a whole, and a run that fails without a failed test, count as one failure. */
export function countTests(report: VitestReport | undefined, exitCode: number): TestCount {
  if (!report) return { passed: 0, failed: 1 };
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((one) => one.status === 'failed'),
  ).length;
  const failed = report.numFailedTests + brokenFiles;
  const passed = report.numPassedTests;
  return { passed, failed: failed === 0 && (exitCode !== 0 || passed === 0) ? 1 : failed };
}

function vitest(args: readonly string[]): Promise<number> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !withheld.includes(name)));
  const entry = inRepository('node_modules', 'vitest', 'vitest.mjs');
  const child = spawn(process.execPath, [entry, ...args], { cwd: repositoryRoot, env, stdio: ['ignore', 1, 2] });
  // A signal lets vitest end its run and take its servers down; only then does this process go on.
  // Ctrl-C reaches it by itself.
  const forward = (signal: NodeJS.Signals): void => void (signal === 'SIGTERM' && child.kill(signal));
  const timers = [
    setTimeout(() => child.kill('SIGTERM'), timeoutMs),
    setTimeout(() => child.kill('SIGKILL'), timeoutMs + killAfterMs),
  ];
  process.on('SIGTERM', forward).on('SIGINT', forward);
  return new Promise((resolve) => {
    const end = (code: number): void => {
      for (const timer of timers) clearTimeout(timer);
      process.off('SIGTERM', forward).off('SIGINT', forward);
      resolve(code);
    };
    child.once('error', (error) => {
      console.error(`vitest could not be started: ${error.message}`);
      end(1);
    });
    child.once('exit', (code, signal) => end(signal ? 1 : (code ?? 1)));
  });
}
