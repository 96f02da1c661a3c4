import { refuse } from './refuse.js';

/** @typedef {import('../protocol.js').ProcessLimits} ProcessLimits */

/**
 * The result of an expression as JSON; `undefined` where it has none. Throws on what is no data, and on what is too
 * large or too deep, before any text of that size is made.
 *
 * @param {unknown} value
 * @param {ProcessLimits} limits
 * @param {number} charsBefore the size of what the same mapping gave already
 * @returns {string | undefined}
 */
export function checkResult(value, limits, charsBefore) {
  if (value === undefined) return undefined;
  let left = limits.maxResultBytes - charsBefore;
  visit(value, 1);
  const json = JSON.stringify(value);
  if (Buffer.byteLength(json) > limits.maxResultBytes - charsBefore) throw tooLarge(limits);
  return json;

  /**
   * @param {unknown} part
   * @param {number} depth
   */
  function visit(part, depth) {
    left -= 1;
    if (typeof part === 'string') left -= part.length;
    if (left < 0) throw tooLarge(limits);
    if (typeof part === 'number' && !Number.isFinite(part)) {
      throw refuse('not_data', 'The result holds a number that JSON cannot write.');
    }
    if (typeof part === 'function') throw notData();
    if (typeof part !== 'object' || part === null) return;
    if ('_jsonata_lambda' in part || '_jsonata_function' in part) throw notData();
    if (depth > limits.maxResultDepth) {
      throw refuse('result_too_deep', `The result is nested deeper than ${limits.maxResultDepth} levels.`);
    }
    if (Array.isArray(part)) {
      for (const item of part) visit(item, depth + 1);
      return;
    }
    for (const [name, item] of Object.entries(part)) {
      left -= name.length;
      visit(item, depth + 1);
    }
  }
}

/** @param {ProcessLimits} limits */
function tooLarge(limits) {
  return refuse('result_too_large', `The result is larger than the ${limits.maxResultBytes} bytes that are allowed.`);
}

function notData() {
  return refuse('not_data', 'The result is a function or holds one; a mapping gives data: call the function.');
}
