// Runs beside main.js in a thread of its own and ends the process when an evaluation takes too long: JSONata's own
// limit does not stop a regular expression, nor anything else that is one call. It holds even when the parent is gone.
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

/** JSONata's own limit comes first, because it costs no new process. */
const graceMs = 100;
const checkEveryMs = 20;
/** What one check counts at most: a machine that slept, or a container that was paused, is not a slow expression. */
const maxCountedMs = 100;

/** @type {{ progress: Int32Array, limits: import('../protocol.js').ProcessLimits }} */
const { progress, limits } = workerData;
const never = new Int32Array(new SharedArrayBuffer(4));

let seen = 0;
let spentMs = 0;
let last = performance.now();
for (;;) {
  const now = performance.now();
  const counted = Math.min(now - last, maxCountedMs);
  last = now;
  const step = Atomics.load(progress, 0);
  if (step !== seen) {
    seen = step;
    spentMs = 0;
  } else {
    spentMs += counted;
    // JSONata's clock, see main.js.
    Atomics.add(progress, 2, Math.round(counted));
  }
  if (step % 2 === 0) {
    Atomics.wait(progress, 0, step);
    last = performance.now();
  } else if (spentMs < limits.timeLimitMs + graceMs) Atomics.wait(never, 0, 0, checkEveryMs);
  else {
    try {
      // How many evaluations began since the start, then the leaf; nothing else writes to this descriptor meanwhile.
      writeSync(3, `time ${(step + 1) / 2} ${Atomics.load(progress, 1)}\n`);
    } finally {
      // Also when nobody is left to hear it.
      process.kill(process.pid, 'SIGKILL');
    }
  }
}
