import { writeSync } from 'node:fs';
import { checkResult } from './check-result.js';
import { compile } from './compile.js';
import { explain } from './explain.js';
import { setResumeUrls } from './resume-urls.js';
import { beginLeaf } from './seeded.js';

/** @typedef {import('../protocol.js').EvaluationRequest} EvaluationRequest */
/** @typedef {import('../protocol.js').ProcessLimits} ProcessLimits */

/**
 * Evaluates one request and gives its answer as JSON. Never rejects: an error of an expression is its answer.
 *
 * @param {string} line an `EvaluationRequest`
 * @param {ProcessLimits} limits
 * @param {(leaf: number) => void} onLeaf called before each expression
 */
export async function answerTo(line, limits, onLeaf) {
  /** @type {EvaluationRequest | undefined} */
  let request = JSON.parse(line);
  const { leaves, traced } = /** @type {EvaluationRequest} */ (request);
  /** @type {string[]} */
  const answers = [];
  let chars = 0;
  for (const [index, { pointer, source }] of leaves.entries()) {
    onLeaf(index);
    if (traced) writeSync(3, `leaf ${index}\n`);
    // Some of JSONata's operations change the very data they read: what follows them reads a fresh copy.
    request ??= /** @type {EvaluationRequest} */ (JSON.parse(line));
    const { output, steps, request: webhookRequest, run, seed, now, resumeUrls } = request;
    try {
      const { expression, changesInput } = compile(source, limits);
      beginLeaf(seed, pointer, now);
      setResumeUrls(resumeUrls);
      const value = await expression.evaluate(output, { steps, request: webhookRequest, run });
      const json = checkResult(value, limits, chars);
      chars += json?.length ?? 0;
      answers.push(json === undefined ? '{}' : `{"value":${json}}`);
      if (changesInput) request = undefined;
    } catch (error) {
      // Where one branch failed, others may still run; nothing of them shall run into the next evaluation.
      await microtasksDone();
      request = undefined;
      answers.push(JSON.stringify({ fault: explain(error, source) }));
    }
  }
  return `[${answers.join()}]`;
}

/** JSONata waits for nothing but its own promises, so a turn of the event loop comes only once all have settled. */
function microtasksDone() {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
