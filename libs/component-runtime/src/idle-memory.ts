import { Session } from 'node:inspector';

const mib = 1024 * 1024;
const lookEveryMs = 5_000;
/** What must have come up since the last time, so that it pays. */
const grownBytes = 16 * mib;

/**
 * Gives back memory that is not needed while there is nothing to do: V8 keeps what it took for starting, or for a peak, for
 * minutes (25 MB after the start). Costs some 30 ms each time. Returns the function that ends it.
 */
export function giveBackIdleMemory(isIdle: () => boolean): () => void {
  let lastBytes = 0;
  let wasIdle = false;
  const timer = setInterval(() => {
    const idle = isIdle();
    const settled = idle && wasIdle;
    wasIdle = idle;
    if (!settled || process.memoryUsage.rss() < lastBytes + grownBytes) return;
    collect();
    lastBytes = process.memoryUsage.rss();
  }, lookEveryMs).unref();
  return () => clearInterval(timer);
}

/** As V8 does when the system is short of memory; nothing else makes it give back the space for new objects. */
function collect(): void {
  const session = new Session();
  session.connect();
  session.post('HeapProfiler.collectGarbage');
  session.disconnect();
}
