import { findUrls } from './find-urls.js';

/** Weighted characters that a tweet may have. */
export const maxTweetLength = 280;
/** Every address becomes one of X's shortener. */
const urlLength = 23;

/** Latin, Greek, Cyrillic, Arabic … and the usual punctuation weigh 1, all other characters 2. */
const light: readonly (readonly [number, number])[] = [
  [0, 4351],
  [8192, 8205],
  [8208, 8223],
  [8242, 8247],
];
/** Whole emoji, however many characters make them. Not a literal: only the `v` flag knows sequences. */
const emoji = new RegExp('\\p{RGI_Emoji}|[#*0-9]\\ufe0f?\\u20e3', 'gv');

/**
 * The length of a text as X counts it: normalised to NFC, an address 23, an emoji 2. Weights and rules are those of X's page
 * "Counting characters", third edition of its configuration; X's own library for it lives no more.
 */
export function tweetLength(text: string): number {
  const normal = text.normalize('NFC');
  let length = 0;
  let at = 0;
  for (const { start, end } of findUrls(normal)) {
    length += weightOf(normal.slice(at, start)) + urlLength;
    at = end;
  }
  return length + weightOf(normal.slice(at));
}

function weightOf(text: string): number {
  let weight = 0;
  const rest = text.replace(emoji, () => {
    weight += 2;
    return '';
  });
  for (const character of rest) {
    const point = character.codePointAt(0) ?? 0;
    weight += light.some(([first, last]) => point >= first && point <= last) ? 1 : 2;
  }
  return weight;
}
