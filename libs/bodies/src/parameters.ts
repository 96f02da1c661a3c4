/**
 * The parameters of a header such as `multipart/form-data; boundary=x`, from its first semicolon on: names in lower
 * case to values. Values without quotes may hold more than RFC 9110 allows, since senders write `boundary=--=_x`.
 * `undefined` when the text is broken or names a parameter twice, which two readers would understand differently.
 */
export function parseParameters(text: string): Map<string, string> | undefined {
  const found = new Map<string, string>();
  let at = 0;
  while (at < text.length) {
    parameter.lastIndex = at;
    const match = parameter.exec(text);
    if (!match) return undefined;
    at = parameter.lastIndex;
    const [, name, quoted, plain = ''] = match;
    if (name === undefined) continue;
    const key = name.toLowerCase();
    if (found.has(key)) return undefined;
    // Other backslashes stand for themselves: browsers have sent whole Windows paths as file names.
    found.set(key, quoted === undefined ? plain : quoted.replaceAll(/\\(["\\])/g, '$1'));
  }
  return found;
}

const parameter =
  /[ \t]*;[ \t]*(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\["\\]|\\(?!["\\]))*)"|([^\s";]*))[ \t]*(?=;|$))?/y;
