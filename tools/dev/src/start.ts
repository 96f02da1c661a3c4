// `npm start`: brings up everything that Millrace needs on this machine and follows its log until Ctrl-C.
import { FolderInUseError, claimFolder } from '@millrace/local-infra';
import { startMillrace } from './start/start-millrace.js';
import { dataFolder, openDataFolder } from './start/data-folder.js';
import { paint } from './output/progress.js';

const impatienceMs = 1_500;
const parentCheckMs = 500;
const files = dataFolder();
await openDataFolder(files);

try {
  const claim = await claimFolder(files.folder, (line) => console.log(`  ${line}`));
  const stopping = new AbortController();
  let firstAt = 0;
  // npm passes a Ctrl-C on that the terminal sends to this process as well; only a later one means impatience.
  const stop = (): void => {
    if (stopping.signal.aborted && Date.now() - firstAt > impatienceMs) process.exit(130);
    if (!stopping.signal.aborted) firstAt = Date.now();
    stopping.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => stop());
  }
  // The shell between npm and this process keeps the signals that end npm to itself.
  if (process.env['npm_lifecycle_event'] !== undefined) whenOrphaned(stop);
  try {
    process.exitCode = await startMillrace(files, claim, stopping.signal);
  } finally {
    claim.release();
  }
} catch (error) {
  if (error instanceof FolderInUseError) {
    console.error(
      `Millrace already runs in this clone (process ${error.ownerPid}). Stop it there with Ctrl-C, or with: kill ${error.ownerPid}`,
    );
  } else {
    console.error(paint('red', error instanceof Error ? error.message : String(error)));
  }
  process.exitCode = 1;
}

function whenOrphaned(stop: () => void): void {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    stop();
  }, parentCheckMs).unref();
}

// Connections that are kept alive would hold the process for some seconds more.
process.exit();
