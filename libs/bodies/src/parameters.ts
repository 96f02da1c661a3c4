/**
 * The parameters of a header such as `multipart/form-data; boundary=x`, from its first semicolon on: names in lower
 * case to values. Values without quotes may hold more than RFC 9110 allows, since senders write `boundary=--=_x`.
 * `undefined` when the text is broken or names a parameter twice, which two readers would understand differently.
 *
 * It reads headers of senders who have not proved anything yet. So no place of the text is read twice: each pattern is
 * one run of characters, with nothing behind it for whose sake it would be tried again with fewer.
 */
export function parseParameters(text: string): Map<string, string> | undefined {
  const found = new Map<string, string>();
  let at = 0;
  /** Takes what matches at this place. */
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const [taken = ''] = pattern.exec(text) ?? [];
    at += taken.length;
    return taken;
  };
  while (at < text.length) {
    take(blanks);
    if (take(semicolon) === '') return undefined;
    take(blanks);
    const name = take(token).toLowerCase();
    if (name === '') continue;
    take(blanks);
    if (take(equalsSign) === '' || found.has(name)) return undefined;
    take(blanks);
    let value: string;
    if (take(quote) === '') {
      value = take(plainText);
    } else {
      // Other backslashes stand for themselves: browsers have sent whole Windows paths as file names.
      value = take(quotedText).replaceAll(/\\(["\\])/g, '$1');
      if (take(quote) === '') return undefined;
    }
    found.set(name, value);
    take(blanks);
    if (at < text.length && text[at] !== ';') return undefined;
  }
  return found;
}

const blanks = /[ \t]*/y;
const semicolon = /;/y;
const token = /[!#$%&'*+.^_`|~0-9A-Za-z-]*/y;
const equalsSign = /=/y;
const quote = /"/y;
const plainText = /[^\s";]*/y;
const quotedText = /(?:[^"\\]|\\["\\]?)*/y;
