import { CsvError, parse } from 'csv-parse/sync';
import { BodyFaultError, refuse, tooLarge } from './body-error.js';
import { byteOrderMark, decodeText } from './charset.js';

/** `{"":""},`, the least that a row becomes. */
const minRowJsonBytes = 8;
/** A row of many million empty fields takes a hundred times its size in memory before it can be counted. */
const maxColumns = 10_000;
const delimiterSearchChars = 64 * 1024;

/**
 * A table with a header row as JSON text: a list with an object for each further row, all values text; `[]` without
 * rows. Comma, semicolon and tab separate, whichever is most frequent in the header; empty lines do not count. Short
 * rows under long names become much larger than they were: what exceeds `maxJsonBytes` is refused before it is built.
 * Throws `BodyFaultError`.
 */
export function readCsv(bytes: Buffer, charset: string | undefined, maxJsonBytes: number): string {
  const text = decodeText(bytes, charset ?? byteOrderMark(bytes));
  const [header = [], ...rows] = rowsOf(text, Math.ceil(maxJsonBytes / minRowJsonBytes) + 2);
  const keys = keysOf(header);
  let json = '';
  for (const row of rows) {
    let object = '';
    for (const [at, key] of keys.entries()) object += key + JSON.stringify(row[at]);
    json += `${json === '' ? '' : ','}{${object}}`;
    if (json.length > maxJsonBytes) throw new BodyFaultError(tooLarge('The table as JSON', maxJsonBytes));
  }
  return `[${json}]`;
}

function rowsOf(text: string, maxRows: number): string[][] {
  const delimiter = delimiterOf(text);
  const wideLine = lineBeyond(text, delimiter.charCodeAt(0));
  if (wideLine !== undefined) refuse(`The row has more than ${maxColumns} fields`, { line: wideLine });
  try {
    return parse(text, { delimiter, skip_empty_lines: true, max_record_size: 0, to: maxRows });
  } catch (error) {
    if (error instanceof CsvError) refuse(messageOf(error), { line: lineOf(error) });
    throw error;
  }
}

/** Ready for JSON: `"first":`, `,"second":`. */
function keysOf(header: string[]): string[] {
  if (new Set(header).size < header.length) refuse('The header has the same name twice', { line: 1 });
  if (header.includes('__proto__')) refuse('The header has a name that is not accepted: __proto__', { line: 1 });
  return header.map((name, at) => `${at === 0 ? '' : ','}${JSON.stringify(name)}:`);
}

function delimiterOf(text: string): string {
  const header =
    /^\s*[^\r\n]*/
      .exec(text)?.[0]
      .slice(0, delimiterSearchChars)
      .replaceAll(/"[^"]*"/g, '') ?? '';
  let best = ',';
  let most = 0;
  for (const candidate of [',', ';', '\t']) {
    const count = header.split(candidate).length - 1;
    if (count > most) [best, most] = [candidate, count];
  }
  return best;
}

/** The first line with more than `maxColumns` fields; what is in quotes does not count. */
function lineBeyond(text: string, delimiter: number): number | undefined {
  let line = 1;
  let fields = 1;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) quoted = !quoted;
    else if (code === 0x0a) {
      line += 1;
      if (!quoted) fields = 1;
    } else if (code === delimiter && !quoted && (fields += 1) > maxColumns) return line;
  }
  return undefined;
}

/** The words of csv-parse hold parts of the table. */
function messageOf(error: CsvError): string {
  switch (error.code) {
    case 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH':
      return 'The row has more or fewer fields than the header';
    case 'CSV_QUOTE_NOT_CLOSED':
      return 'A quoted field does not end';
    default:
      return 'A field has quotes that are not doubled or that do not enclose all of it';
  }
}

function lineOf(error: CsvError): number {
  return typeof error['lines'] === 'number' ? error['lines'] : 1;
}
