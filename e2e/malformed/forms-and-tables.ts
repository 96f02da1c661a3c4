import { canary, framed, marked, utf8, type Expected, type MalformedRequest, type Subject } from './request.js';

const invalid = { status: 400, code: 'invalid_body' } as const;

function form(name: string, body: string | Buffer | (() => Buffer), expected: Expected = invalid): MalformedRequest {
  return { name: `form: ${name}`, wire: framed({ type: 'application/x-www-form-urlencoded', body }), expected };
}

const fields = (count: number, text: (at: number) => string): Buffer =>
  utf8(Array.from({ length: count }, (_item, at) => text(at)).join('&'));
const proto = { ...invalid, says: /__proto__/ };
const many = { status: [400, 413], says: /\d/ };

// A “%” that begins no escape stands for itself (WHATWG URL Standard), so it is no fault.
const forms: MalformedRequest[] = [
  form('an escape that is no UTF-8', 'petname=%ff'),
  form('an escape that is no UTF-8 in a name', '%ff=Gromit'),
  form('an escape of overlong UTF-8', 'petname=%c0%ae'),
  form('an escape of half a surrogate pair', 'petname=%ed%a0%80'),
  form('an escape of a character that is cut', 'petname=%e2%82&petstatus=Sold'),
  form('a byte that is no UTF-8', Buffer.from('petname=K\xf6ln', 'latin1')),
  form('an escape of ISO 8859-1 without saying so', `petname=K%f6ln&token=${canary}`),
  form('__proto__', '__proto__=1', proto),
  form('__proto__ among others', `a=1&__proto__=${canary}&b=2`, proto),
  form('__proto__ that is escaped', '%5f%5fproto%5f%5f=1', proto),
  form('__proto__ without a value', 'a=1&__proto__', proto),
  form('20,000 fields', () => fields(20_000, (at) => `a${at}=b`), many),
  form('a million fields of the same name', () => fields(1_000_000, () => 'a=b'), many),
  form('a million fields without a value', () => fields(1_000_000, (at) => at.toString(36)), many),
];

/** A table whose fault is on the line where “¦” stands. */
function table(name: string, text: string, says?: RegExp): MalformedRequest {
  const { text: body, line } = marked(text);
  return {
    name: `CSV: ${name}`,
    wire: framed({ type: 'text/csv', body: utf8(body) }),
    expected: { ...invalid, ...(line === undefined ? {} : { line }), says: says ?? /line \d+/ },
  };
}

function tableBytes(name: string, body: Buffer | (() => Buffer), expected: Expected): MalformedRequest {
  return { name: `CSV: ${name}`, wire: framed({ type: 'text/csv', body }), expected };
}

const tables: MalformedRequest[] = [
  table('a row with a field too few', 'name,status\nGromit,sold\n¦Feathers\n'),
  table('a row with a field too many', 'name,status\n¦Gromit,sold,twice\n'),
  table('a row with a field too many behind semicolons', 'name;status\n¦Gromit;sold;twice\n'),
  table('a row with a field too few behind tabs', 'name\tstatus\n¦Gromit\n'),
  table('a row with a comma too many at its end', 'name,status\n¦Gromit,sold,\n'),
  table('a quoted field that does not end', `name,status\n¦"${canary},sold\n`),
  table('a quoted field in the header that does not end', '¦"name,status\n'),
  table('a quote within a field', 'name,status\n¦Gro"mit,sold\n'),
  table('text after a quoted field', 'name,status\n¦"Gromit"x,sold\n'),
  table('a space after a quoted field', 'name,status\n¦"Gromit" ,sold\n'),
  table('a quote that is escaped with a backslash', 'name,status\n¦"Gro\\"mit",sold\n'),
  table('a name twice in the header', '¦name,name\na,b\n'),
  table('an empty name twice in the header', '¦,\na,b\n'),
  table('__proto__ in the header', '¦name,__proto__\na,b\n', /__proto__/),
  table('__proto__ in quotes in the header', '¦"__proto__"\na\n', /__proto__/),
  tableBytes('a byte that is no UTF-8', Buffer.from('name\nK\xf6ln\n', 'latin1'), { ...invalid, says: /UTF-8/ }),
  tableBytes('UTF-16 that breaks off', Buffer.from('fffe61000a0062000a00ff', 'hex'), invalid),
  tableBytes(
    'a header of a megabyte over a million rows that are almost empty',
    () => Buffer.concat([utf8(`${'a'.repeat(1_000_000)},b\n`), Buffer.alloc(2_000_000, ',\n')]),
    { status: 413, code: 'body_too_large', says: /\d/ },
  ),
  tableBytes(
    'a header of 50,000 names over one short row',
    () => utf8(`${Array.from({ length: 50_000 }, (_item, at) => `a${at}`).join(',')}\nb\n`),
    {
      ...invalid,
      says: /line \d+/,
    },
  ),
  tableBytes(
    'a quoted field of nine million letters that does not end',
    () => Buffer.concat([utf8('name\n"'), Buffer.alloc(9_000_000, 'a')]),
    {
      ...invalid,
      says: /line \d+/,
    },
  ),
];

export const formsAndTables: Subject = { name: 'forms and tables', requests: [...forms, ...tables] };
