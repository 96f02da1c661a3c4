import type { PathRoot, PathStep, PlainExpression } from './expression.js';

const variables: Record<string, PathRoot> = { $: 'output', $steps: 'steps', $request: 'request', $run: 'run' };
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const name = /[A-Za-z_][A-Za-z0-9_]*/y;
const variable = /\$[A-Za-z0-9_]*/y;
const index = /\[[ \t\n\r\v]*(-?\d{1,9})[ \t\n\r\v]*\]/y;
const dot = /[ \t\n\r\v]*\.[ \t\n\r\v]*/y;
const space = /[ \t\n\r\v]*/y;

/** Names that are values or operators where they stand alone. */
const reserved = new Set(['true', 'false', 'null', 'and', 'or', 'in']);
const escapes: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/**
 * Parses the part of JSONata that needs no sandbox: literals, and paths of field names and indexes from the previous
 * output, `$steps`, `$request` or `$run`. Names with other characters stand in backquotes. `undefined` for everything
 * else, be it more of the language or a mistake.
 */
export function parsePlain(source: string): PlainExpression | undefined {
  const reader = new Reader(source);
  reader.take(space);
  const expression = reader.literal() ?? reader.path();
  reader.take(space);
  return reader.atEnd ? expression : undefined;
}

class Reader {
  private position = 0;

  constructor(private readonly source: string) {}

  get atEnd(): boolean {
    return this.position === this.source.length;
  }

  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.source);
    if (!found) return undefined;
    this.position = pattern.lastIndex;
    return found[1] ?? found[0];
  }

  literal(): PlainExpression | undefined {
    const quote = this.source[this.position];
    if (quote === '"' || quote === "'") return this.text(quote);
    const start = this.position;
    const digits = this.take(number);
    if (digits !== undefined && Number.isFinite(Number(digits))) return { kind: 'literal', value: Number(digits) };
    this.position = start;
    const word = this.take(name);
    if (word === 'true' || word === 'false') return { kind: 'literal', value: word === 'true' };
    if (word === 'null') return { kind: 'literal', value: null };
    this.position = start;
    return undefined;
  }

  path(): PlainExpression | undefined {
    const steps: PathStep[] = [];
    let root: PathRoot = 'field';
    const head = this.take(variable);
    if (head !== undefined) {
      const known = Object.hasOwn(variables, head) ? variables[head] : undefined;
      if (!known) return undefined;
      root = known;
      const indexes = this.indexes();
      if (indexes.length > 0) steps.push({ field: null, indexes });
    } else {
      const field = this.field();
      if (field === undefined) return undefined;
      steps.push({ field, indexes: this.indexes() });
    }
    while (this.take(dot) !== undefined) {
      const field = this.field();
      if (field === undefined) return undefined;
      steps.push({ field, indexes: this.indexes() });
    }
    return { kind: 'path', root, steps };
  }

  private field(): string | undefined {
    if (this.source[this.position] !== '`') {
      const field = this.take(name);
      return field === undefined || reserved.has(field) ? undefined : field;
    }
    const end = this.source.indexOf('`', this.position + 1);
    if (end === -1) return undefined;
    const field = this.source.slice(this.position + 1, end);
    this.position = end + 1;
    return field;
  }

  private indexes(): number[] {
    const found: number[] = [];
    for (let taken = this.take(index); taken !== undefined; taken = this.take(index)) found.push(Number(taken));
    return found;
  }

  /** A text as JSONata writes it: JSON's escapes, either quote, line breaks as they are. */
  private text(quote: string): PlainExpression | undefined {
    let value = '';
    for (let at = this.position + 1; at < this.source.length; at += 1) {
      const character = this.source[at] ?? '';
      if (character === quote) {
        this.position = at + 1;
        return { kind: 'literal', value };
      }
      if (character !== '\\') {
        value += character;
        continue;
      }
      at += 1;
      const escaped = this.source[at] ?? '';
      if (escaped === 'u') {
        const code = this.source.slice(at + 1, at + 5);
        if (!/^[0-9a-fA-F]{4}$/.test(code)) return undefined;
        value += String.fromCharCode(Number.parseInt(code, 16));
        at += 4;
      } else if (Object.hasOwn(escapes, escaped)) value += escapes[escaped] ?? '';
      else if (escaped === '"' || escaped === '\\' || escaped === '/') value += escaped;
      else return undefined;
    }
    return undefined;
  }
}
