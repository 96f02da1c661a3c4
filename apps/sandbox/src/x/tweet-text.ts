/** How many weighted characters a tweet may have. */
export const maxTweetLength = 280;
const urlLength = 23;

const light: readonly (readonly [number, number])[] = [
  [0, 4351],
  [8192, 8205],
  [8208, 8223],
  [8242, 8247],
];
// A digit is only the beginning of one, and © is one only where it is said to be.
const emoji = /\p{Emoji_Presentation}|\p{Regional_Indicator}|\p{Emoji}\ufe0f|\u20e3/u;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * The weighted length of a text: an address counts 23, an emoji 2, characters of the ranges above 1, all others 2. Of
 * addresses it knows those with a scheme.
 */
export function tweetLength(text: string): number {
  let length = 0;
  const plain = text.normalize('NFC').replace(/https?:\/\/[^\s]+/gi, () => {
    length += urlLength;
    return '';
  });
  for (const { segment } of graphemes.segment(plain)) {
    if (emoji.test(segment)) {
      length += 2;
      continue;
    }
    for (const character of segment) {
      const point = character.codePointAt(0) ?? 0;
      length += light.some(([first, last]) => point >= first && point <= last) ? 1 : 2;
    }
  }
  return length;
}
