import jsonata from 'jsonata';
import { growsBeyondReason } from './coalescing.js';
import type { ExpressionFault, ParsedExpression } from './expression.js';
import { readAst } from './reads.js';

/** Checking a draft, publishing it and making it ready to run parse the same texts; each costs about 0.1 ms. */
const parsed = new Map<string, ParsedExpression>();
const maxRemembered = 2_000;
const maxRememberedLength = 500;

/** Parses an expression of the whole language, without evaluating anything of it. */
export function parseFull(source: string): ParsedExpression {
  const known = parsed.get(source);
  if (known) return known;
  const result = parse(source);
  if (source.length <= maxRememberedLength) {
    if (parsed.size >= maxRemembered) parsed.delete(parsed.keys().next().value ?? '');
    parsed.set(source, result);
  }
  return result;
}

function parse(source: string): ParsedExpression {
  if (growsBeyondReason(source)) {
    const message = 'Too many uses of ?? and ?: are nested here: bind parts of it to variables with := first.';
    return { ok: false, fault: { message, position: 0 } };
  }
  try {
    const { reads, fault } = readAst(jsonata(source).ast());
    if (fault) {
      const { message, code } = fault;
      return { ok: false, fault: { message, code, position: placeOf(fault, source) } };
    }
    return { ok: true, expression: { kind: 'full', source, reads } };
  } catch (error) {
    return { ok: false, fault: faultOf(error, source) };
  }
}

interface SyntaxFault {
  code?: string;
  message?: string;
  position?: number;
  token?: unknown;
  value?: unknown;
}

function faultOf(error: unknown, source: string): ExpressionFault {
  if (error instanceof RangeError) return { message: 'The expression is nested too deeply.', position: 0 };
  const fault = error as SyntaxFault;
  if (fault.code === undefined) {
    // The only other thing that the parser calls is the constructor of regular expressions.
    const [, pattern = '', reason] =
      /^Invalid regular expression: \/(.*)\/[a-z]*: (.*)$/s.exec(fault.message ?? '') ?? [];
    const position = Math.max(0, source.indexOf(`/${pattern}/`));
    return { message: `The regular expression cannot be used: ${reason ?? 'it is faulty'}.`, position };
  }
  return { message: messageOf(fault), position: placeOf(fault, source), code: fault.code };
}

function messageOf(fault: SyntaxFault): string {
  const token = asText(fault.token);
  const wanted = asText(fault.value);
  const atEnd = 'The expression ends too early';
  switch (fault.code) {
    case 'S0101':
      return 'A text is opened here or before and never closed: end it with the quote that it began with.';
    case 'S0102':
      return `The number ${token} is out of range.`;
    case 'S0103':
      return `\\${token} is no escape that a text may hold: write \\\\ for a backslash.`;
    case 'S0104':
      return '\\u in a text must be followed by four hexadecimal digits.';
    case 'S0105':
      return 'A backquote is never closed: a name in backquotes ends with another one.';
    case 'S0106':
      return 'The comment that opens here is never closed: end it with */.';
    case 'S0201':
      return `Unexpected “${token}”: an operator or the end of the expression should stand here.`;
    case 'S0202':
      return `Unexpected “${token}”: “${wanted}” should stand here.`;
    case 'S0203':
      return `${atEnd}: “${wanted}” is missing.`;
    case 'S0207':
      return `${atEnd}: a name or a value is missing.`;
    case 'S0211':
      return token === '(end)'
        ? `${atEnd}: a name or a value is missing.`
        : `Unexpected “${token}”: a name or a value should stand here.`;
    default:
      return `${fault.message ?? 'The expression cannot be read'}.`;
  }
}

/** JSONata tells where a token ends; people look for where it begins. */
function placeOf(fault: SyntaxFault, source: string): number {
  const end = Math.max(0, Math.min(fault.position ?? 0, source.length));
  const written = fault.code === 'S0213' ? fault.value : fault.token;
  const token = asText(written);
  for (const form of [`$${token}`, `"${token}"`, `'${token}'`, `\`${token}\``, token]) {
    if (token !== '' && source.endsWith(form, end)) return end - form.length;
  }
  return end;
}

/** Tokens are texts, numbers, `true`, `false` or `null`. */
function asText(token: unknown): string {
  return typeof token === 'string' ? token : token === undefined ? '' : JSON.stringify(token);
}
