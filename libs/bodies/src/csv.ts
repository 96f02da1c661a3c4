import { CsvError, parse } from 'csv-parse/sync';
import { BodyFaultError, refuse, tooLarge } from './body-error.js';
import { byteOrderMark, decodeText } from './charset.js';
import { csvSlices, lineEndOf, type CsvSlice } from './csv-slices.js';

const delimiterSearchChars = 64 * 1024;
const pieceChars = 64 * 1024;

/**
 * A table with a header row as JSON text: a list with an object for each further row, all values text; `[]` without
 * rows. Comma, semicolon and tab separate, whichever is most frequent in the header; empty lines do not count. Short
 * rows under long names become much larger than they were: what exceeds `maxJsonBytes` is refused before it is built.
 * Throws `BodyFaultError`.
 *
 * Rows are written as they are read: a table of a million short ones, kept as objects, takes more than 100 MB.
 */
export function readCsv(bytes: Buffer, charset: string | undefined, maxJsonBytes: number): Buffer {
  const text = decodeText(bytes, charset ?? byteOrderMark(bytes));
  const json = new JsonPieces(maxJsonBytes);
  let keys: string[] | undefined;
  let separator = '[';
  forEachRow(text, (row) => {
    if (!keys) {
      keys = keysOf(row);
      return;
    }
    const fields = keys.map((key, at) => key + JSON.stringify(row[at]));
    json.add(`${separator}{${fields.join('')}}`);
    separator = ',';
  });
  json.add(separator === '[' ? '[]' : ']');
  return json.toBuffer();
}

/** JSON text that is never there as one string, nor as a rope of the many strings that it is made of. */
class JsonPieces {
  private readonly pieces: Buffer[] = [];
  private text = '';
  private bytes = 0;

  constructor(private readonly maxBytes: number) {}

  /** Throws `BodyFaultError` when there is more than there may be. */
  add(text: string): void {
    this.text += text;
    if (this.text.length < pieceChars) return;
    this.flush();
  }

  toBuffer(): Buffer {
    this.flush();
    return Buffer.concat(this.pieces, this.bytes);
  }

  private flush(): void {
    const piece = Buffer.from(this.text);
    this.pieces.push(piece);
    this.bytes += piece.length;
    this.text = '';
    if (this.bytes > this.maxBytes) throw new BodyFaultError(tooLarge('The table as JSON', this.maxBytes));
  }
}

/** Throws what `take` throws, and `BodyFaultError` for a table that is broken. */
function forEachRow(text: string, take: (row: string[]) => void): void {
  const delimiter = delimiterOf(text);
  const lineEnd = lineEndOf(text);
  let columns: number | undefined;
  for (const slice of csvSlices(text, delimiter, lineEnd)) {
    for (const row of rowsOf(slice, delimiter, lineEnd)) {
      columns ??= row.length;
      if (row.length !== columns) refuse(unevenRow, { line: slice.line });
      take(row);
    }
  }
}

/** Rows of a slice; all have as many fields as its first. */
function rowsOf(slice: CsvSlice, delimiter: string, lineEnd: string): string[][] {
  try {
    return parse(slice.text, {
      delimiter,
      record_delimiter: lineEnd,
      skip_empty_lines: true,
      max_record_size: 0,
    });
  } catch (error) {
    if (error instanceof CsvError) refuse(messageOf(error), { line: slice.line - 1 + lineOf(error) });
    throw error;
  }
}

const unevenRow = 'The row has more or fewer fields than the header';

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

/** The words of csv-parse hold parts of the table. */
function messageOf(error: CsvError): string {
  switch (error.code) {
    case 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH':
      return unevenRow;
    case 'CSV_QUOTE_NOT_CLOSED':
      return 'A quoted field does not end';
    default:
      return 'A field has quotes that are not doubled or that do not enclose all of it';
  }
}

function lineOf(error: CsvError): number {
  return typeof error['lines'] === 'number' ? error['lines'] : 1;
}
