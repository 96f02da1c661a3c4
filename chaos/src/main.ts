// `npm run chaos`: the long form of the conservation test. Prints its progress, ends by itself, and writes its report.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { inRepository } from '@millrace/dev';
import { UsageError, readOptions } from './options.js';
import { reportText } from './report.js';
import { runChaos } from './run-chaos.js';

const startedAt = performance.now();

function say(text: string): void {
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(7)} s  ${text}`);
}

async function main(): Promise<number> {
  const { reportFile, ...options } = readOptions(process.argv.slice(2));
  say(`seed ${options.seed}, ${options.kills} kills`);
  const outcome = await runChaos(options, say);
  const report = reportText(outcome);
  const date = outcome.startedAt.toISOString().slice(0, 10);
  const file = resolve(reportFile ?? inRepository('bench', 'results', `chaos-${date}.txt`));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, report);
  console.log(report.split('\nrepeated effects')[0]);
  say(`the report is in ${file}`);
  return outcome.problems.length === 0 ? 0 : 1;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof UsageError ? error.message : error);
  process.exitCode = 1;
}
// Connections that are kept alive would hold the process for some seconds more.
process.exit();
