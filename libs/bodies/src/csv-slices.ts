import { refuse } from './body-error.js';

/** A row of many million empty fields takes a hundred times its size in memory before it can be counted. */
const maxColumns = 10_000;
const sliceChars = 256 * 1024;

const quote = 0x22;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Some whole rows of a table. */
export interface CsvSlice {
  text: string;
  /** Of the first row, from 1. */
  line: number;
}

/**
 * Cuts a table between rows, so that the rows of one slice at a time are in memory. What is in quotes has no rows. A
 * quote where none may be throws the count out; then the slice that has it is broken, and none after it is read. Throws
 * `BodyFaultError` for a row with too many fields.
 */
export function* csvSlices(text: string, delimiter: string, lineEnd: string): Generator<CsvSlice, void, undefined> {
  const delimiterCode = delimiter.charCodeAt(0);
  const endCode = lineEnd.charCodeAt(lineEnd.length - 1);
  let slice = { at: 0, line: 1 };
  let line = 1;
  let fields = 1;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) quoted = !quoted;
    else if (code === endCode) {
      line += 1;
      if (quoted) continue;
      fields = 1;
      if (at - slice.at < sliceChars) continue;
      yield { text: text.slice(slice.at, at + 1), line: slice.line };
      slice = { at: at + 1, line };
    } else if (code === delimiterCode && !quoted && (fields += 1) > maxColumns) {
      refuse(`The row has more than ${maxColumns} fields`, { line });
    }
  }
  yield { text: text.slice(slice.at), line: slice.line };
}

/** What ends the first row, and so all: CR LF, LF or CR. */
export function lineEndOf(text: string): string {
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) quoted = !quoted;
    else if (quoted) continue;
    else if (code === lineFeed) return '\n';
    else if (code === carriageReturn) return text.charCodeAt(at + 1) === lineFeed ? '\r\n' : '\r';
  }
  return '\n';
}
