import { createHash, createHmac } from 'node:crypto';
import { refuse } from './refuse.js';

const algorithms = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'];
const encodings = ['hex', 'base64', 'base64url'];

/**
 * `$hash`: of the text in UTF-8.
 *
 * @param {string} [text]
 * @param {string} [algorithm]
 * @param {string} [encoding]
 */
export function hash(text, algorithm = 'sha256', encoding = 'hex') {
  if (text === undefined) return undefined;
  return createHash(oneOf(algorithm, algorithms, 'algorithm'))
    .update(text)
    .digest(encodingOf(encoding));
}

/**
 * `$hmac`: of the text in UTF-8, with a key in UTF-8.
 *
 * @param {string} [text]
 * @param {string} [key]
 * @param {string} [algorithm]
 * @param {string} [encoding]
 */
export function hmac(text, key, algorithm = 'sha256', encoding = 'hex') {
  if (text === undefined || key === undefined) return undefined;
  return createHmac(oneOf(algorithm, algorithms, 'algorithm'), key)
    .update(text)
    .digest(encodingOf(encoding));
}

/**
 * `$base64urlEncode`: of the text in UTF-8, without padding (RFC 4648 §5).
 *
 * @param {string} [text]
 */
export function base64urlEncode(text) {
  return text === undefined ? undefined : Buffer.from(text).toString('base64url');
}

/**
 * `$base64urlDecode`: to a text in UTF-8.
 *
 * @param {string} [text]
 */
export function base64urlDecode(text) {
  return text === undefined ? undefined : Buffer.from(text, 'base64url').toString();
}

/** @param {string} encoding */
function encodingOf(encoding) {
  return /** @type {'hex' | 'base64' | 'base64url'} */ (oneOf(encoding, encodings, 'encoding'));
}

/**
 * @param {string} given
 * @param {string[]} known
 * @param {string} what
 */
function oneOf(given, known, what) {
  if (!known.includes(given)) throw refuse('invalid_argument', `The ${what} is one of ${known.join(', ')}.`);
  return given;
}
