import jsonata from 'jsonata';
import { addTime, formatDate, nowText, parseDate, parseMillis } from './dates.js';
import { base64urlDecode, base64urlEncode, hash, hmac } from './hashes.js';
import { refuse } from './refuse.js';
import { resumeUrl } from './resume-urls.js';
import { currentMillis, seededUuid } from './seeded.js';

/** JSONata pads in one step, whatever the memory. */
const maxPadding = 1_000_000;
const { implementation: jsonataPad } = await jsonata('$pad').evaluate(undefined);

/**
 * Functions besides JSONata's own, and those of its own that must not depend on the clock or fill the memory.
 * Signatures: https://docs.jsonata.org/embedding-extending#function-signature-syntax
 *
 * @type {Record<string, { implementation: Parameters<jsonata.Expression['registerFunction']>[1], signature: string }>}
 */
export const additions = {
  now: { implementation: nowText, signature: '<s?s?:s>' },
  millis: { implementation: currentMillis, signature: '<:n>' },
  toMillis: { implementation: parseMillis, signature: '<s-s?:n>' },
  pad: { implementation: pad, signature: '<s-ns?:s>' },
  parseDate: { implementation: parseDate, signature: '<s-s?s?:s>' },
  formatDate: { implementation: formatDate, signature: '<(sn)-s?s?:s>' },
  addTime: { implementation: addTime, signature: '<(sn)ns?s?:s>' },
  hash: { implementation: hash, signature: '<ss?s?:s>' },
  hmac: { implementation: hmac, signature: '<sss?s?:s>' },
  base64urlEncode: { implementation: base64urlEncode, signature: '<s-:s>' },
  base64urlDecode: { implementation: base64urlDecode, signature: '<s-:s>' },
  uuid: { implementation: seededUuid, signature: '<:s>' },
  resumeUrl: { implementation: resumeUrl, signature: '<s:s>' },
};

/**
 * @param {string} [text]
 * @param {number} [width]
 * @param {string} [filling]
 * @returns {string | undefined}
 */
function pad(text, width, filling) {
  if (Math.abs(width ?? 0) > maxPadding) {
    throw refuse('invalid_argument', `$pad: the width is at most ${maxPadding}.`);
  }
  return jsonataPad(text, width, filling);
}
