/** Where a text stops being JSON, and what is wrong there. */
export interface JsonFault {
  /** Both from 1. */
  line: number;
  column: number;
  message: string;
}

type Expectation = 'value' | 'firstItem' | 'firstKey' | 'key' | 'colon' | 'commaOrEnd' | 'end';

const wanted: Record<Expectation, string> = {
  value: 'a value is expected here',
  firstItem: 'a value or ] is expected here',
  firstKey: 'a name in double quotes or } is expected here',
  key: 'a name in double quotes is expected here',
  colon: 'a colon is expected here',
  commaOrEnd: 'a comma or the end of the object or array is expected here',
  end: 'the document ends before this',
};

const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-])|(?:true|false|null)(?!\w)/y;
const space = /[ \t\r\n]*/y;

/**
 * Finds the first fault of a text that `JSON.parse` refuses; Node 20 does not tell where it is. `undefined` when there
 * is none. The message names no part of the text, which may hold a secret.
 */
export function findJsonFault(text: string): JsonFault | undefined {
  const open: ('{' | '[')[] = [];
  let expect = 'value' as Expectation;
  let at = 0;
  const fault = (message: string) => placeOf(text, at, message);
  const afterValue = (): Expectation => (open.length === 0 ? 'end' : 'commaOrEnd');

  for (;;) {
    space.lastIndex = at;
    space.test(text);
    at = space.lastIndex;
    if (at >= text.length)
      return expect === 'end' ? undefined : fault(text.trim() === '' ? 'there is no text' : 'the text ends too early');
    const char = text.charAt(at);

    if (expect === 'colon' && char === ':') expect = 'value';
    else if (expect === 'commaOrEnd' && char === ',') expect = open.at(-1) === '{' ? 'key' : 'value';
    else if (closes(char, open.at(-1), expect)) {
      open.pop();
      expect = afterValue();
    } else if (char === '"' && expect !== 'colon' && expect !== 'commaOrEnd' && expect !== 'end') {
      const string = readString(text, at);
      at = string.end;
      if (string.message) return fault(string.message);
      expect = expect === 'key' || expect === 'firstKey' ? 'colon' : afterValue();
      continue;
    } else if (expect !== 'value' && expect !== 'firstItem') return fault(wanted[expect]);
    else if (char === '{' || char === '[') {
      open.push(char);
      expect = char === '{' ? 'firstKey' : 'firstItem';
    } else {
      scalar.lastIndex = at;
      if (!scalar.test(text)) return fault(wanted[expect]);
      at = scalar.lastIndex;
      expect = afterValue();
      continue;
    }
    at += 1;
  }
}

function closes(char: string, opened: '{' | '[' | undefined, expect: Expectation): boolean {
  if (char === '}') return opened === '{' && (expect === 'firstKey' || expect === 'commaOrEnd');
  if (char === ']') return opened === '[' && (expect === 'firstItem' || expect === 'commaOrEnd');
  return false;
}

function readString(text: string, start: number): { end: number; message?: string } {
  let at = start + 1;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return { end: at + 1 };
    if (code < 0x20) return { end: at, message: 'a string holds a control character or a line break' };
    if (code !== 0x5c) continue;
    at += 1;
    const escape = text.charAt(at);
    if (escape === 'u' && /^[0-9a-fA-F]{4}$/.test(text.slice(at + 1, at + 5))) at += 4;
    else if (!'"\\/bfnrt'.includes(escape) || escape === '') {
      return { end: at - 1, message: 'a string holds an invalid escape' };
    }
  }
  return { end: start, message: 'the string that begins here is not closed' };
}

/** The place of a character in a text, by line and column. */
export function placeOf(text: string, at: number, message: string): JsonFault {
  let line = 1;
  let lineStart = 0;
  for (let end = text.indexOf('\n'); end !== -1 && end < at; end = text.indexOf('\n', lineStart)) {
    line += 1;
    lineStart = end + 1;
  }
  return { line, column: at - lineStart + 1, message };
}
