// A sandbox process. It reads one evaluation per line on its standard input and writes one answer per line, in order,
// on its standard output; both block, because between two evaluations there is nothing else to do. On descriptor 3 it
// says that it is ready and, before it kills itself, which evaluation took too long (watch.js). It ends with its input.
//
// It is plain JavaScript, so that plain Node can run it from the sources as well as from dist.
import { readSync, writeFileSync, writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { answerTo } from './answer.js';

const newline = 10;
/** How long finished answers may wait for later ones, to leave together. */
const flushAfterMs = 2;
const flushAfterChars = 256 * 1024;

/** @type {import('../protocol.js').ProcessLimits} */
const limits = JSON.parse(process.argv[2] ?? '{}');

/**
 * Shared with watch.js: how many evaluations began or ended, which leaf is being evaluated, and the milliseconds that
 * it has counted while evaluations ran. By them JSONata measures its time limit.
 */
const progress = new Int32Array(new SharedArrayBuffer(12));
Date.now = () => Atomics.load(progress, 2);

let answers = '';
let lastFlush = performance.now();

// A signal to the whole process group is the parent's business; it ends this process through its input.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
sacrificeFirst();
// Handing it this process's standard streams would make those non-blocking.
const ownStreams = { stdin: true, stdout: true, stderr: true };
const watch = new Worker(new URL('watch.js', import.meta.url), { workerData: { progress, limits }, ...ownStreams });
watch.on('error', () => process.abort());
writeSync(3, 'ready\n');
for (const line of lines()) {
  if (performance.now() - lastFlush > flushAfterMs) flush();
  step();
  const answer = await answerTo(line, limits, (leaf) => Atomics.store(progress, 1, leaf));
  step();
  answers += `${answer}\n`;
  if (answers.length > flushAfterChars) flush();
}
process.exit();

/** Odd while an evaluation runs. */
function step() {
  Atomics.add(progress, 0, 1);
  Atomics.notify(progress, 0);
}

/** Lines of the standard input; answers leave before it waits for more. */
function* lines() {
  const chunk = Buffer.allocUnsafe(256 * 1024);
  /** @type {Buffer[]} */
  let begun = [];
  for (;;) {
    flush();
    const length = readSync(0, chunk);
    if (length === 0) return;
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1 && end < length; end = chunk.indexOf(newline, start)) {
      const rest = chunk.subarray(start, end);
      yield begun.length === 0 ? rest.toString() : Buffer.concat([...begun, rest]).toString();
      begun = [];
      start = end + 1;
    }
    if (start < length) begun.push(Buffer.from(chunk.subarray(start, length)));
  }
}

function flush() {
  lastFlush = performance.now();
  if (answers === '') return;
  const bytes = Buffer.from(answers);
  answers = '';
  for (let sent = 0; sent < bytes.length;) sent += writeSync(1, bytes, sent);
}

/** Where memory runs out on the whole machine, Linux shall end this process rather than its parent. */
function sacrificeFirst() {
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    // Other systems have no such setting.
  }
}
