/** What the places of XML 1.0 (fifth edition) may hold: patterns that are tried at one place of a text. */

const nameStart =
  ':A-Z_a-z\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C\\u200D\\u2070-\\u218F' +
  '\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD\\u{10000}-\\u{EFFFF}';
const name = `[${nameStart}][${nameStart}\\-.0-9\\u00B7\\u0300-\\u036F\\u203F\\u2040]*`;
const space = '[ \\t\\r\\n]';

export const declaration = new RegExp(
  `<\\?xml${space}+version${space}*=${space}*(?:"1\\.[0-9]+"|'1\\.[0-9]+')` +
    `(?:${space}+encoding${space}*=${space}*(?:"[A-Za-z][\\w.-]*"|'[A-Za-z][\\w.-]*'))?` +
    `(?:${space}+standalone${space}*=${space}*(?:"(?:yes|no)"|'(?:yes|no)'))?${space}*\\?>`,
  'y',
);
/** Groups: the name. */
export const tagOpening = new RegExp(`<(${name})`, 'uy');
/** Groups: the name, the value in double quotes, the value in single quotes. */
export const attribute = new RegExp(`${space}+(${name})${space}*=${space}*(?:"([^"<]*)"|'([^'<]*)')`, 'uy');
/** Groups: the slash of an element without content. */
export const tagEnd = new RegExp(`${space}*(/?)>`, 'y');
/** Groups: the name. */
export const closingTag = new RegExp(`</(${name})${space}*>`, 'uy');
/** Groups: the target. */
export const instruction = new RegExp(`<\\?(${name})(?=${space}|\\?>)`, 'uy');

export const illegalCharacter = /[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/** The match at `at`, or `undefined`. */
export function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

const predefined: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const reference = /&(?:#x([0-9a-fA-F]{1,8})|#([0-9]{1,10})|(amp|lt|gt|quot|apos));/y;

/**
 * Replaces the references of a text. Only characters and the five names that XML itself defines are known; for any
 * other, `at` of the result says where it begins.
 */
export function resolveReferences(text: string): { text: string } | { at: number } {
  let resolved = '';
  let from = 0;
  for (let at = text.indexOf('&'); at !== -1; at = text.indexOf('&', from)) {
    const match = matchAt(reference, text, at);
    const char = match && characterOf(match);
    if (!match || char === undefined) return { at };
    resolved += text.slice(from, at) + char;
    from = at + match[0].length;
  }
  return { text: resolved + text.slice(from) };
}

function characterOf([, hex, decimal, named]: RegExpExecArray): string | undefined {
  if (named !== undefined) return predefined[named];
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  if (code > 0x10ffff) return undefined;
  const char = String.fromCodePoint(code);
  return illegalCharacter.test(char) ? undefined : char;
}
