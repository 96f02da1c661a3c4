import type { Json } from '@millrace/contracts';

/** One step of a path: a field name, then indexes into what it holds. */
export interface PathStep {
  /** `null` only for the first step: the variable itself, with indexes. */
  field: string | null;
  indexes: number[];
}

/** Where a path begins: the previous step's output, or one of the variables. */
export type PathRoot = 'output' | 'steps' | 'request' | 'run';

/** A parsed expression. Literals and plain paths are evaluated in-process, without any sandbox. */
export type Expression = { kind: 'literal'; value: Json } | { kind: 'path'; root: PathRoot; steps: PathStep[] };

/** Why an expression cannot be used, with the place in it (0-based). */
export interface ExpressionFault {
  message: string;
  position: number;
}

export type ParsedExpression = { ok: true; expression: Expression } | { ok: false; fault: ExpressionFault };

/** What expressions read. */
export interface MappingContext {
  /** The previous step's output. */
  output: Json | undefined;
  /** `$steps`: outputs of earlier steps by id. */
  steps: Record<string, Json>;
  /** `$request`: method, path, query and headers of the webhook request. */
  request: Json | undefined;
  /** `$run`: ids and times of the run. */
  run: Json;
}

const variables: Record<string, PathRoot> = { $: 'output', $steps: 'steps', $request: 'request', $run: 'run' };
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const name = /[A-Za-z_][A-Za-z0-9_]*/y;
const variable = /\$[A-Za-z0-9_]*/y;
const index = /\[\s*(-?\d{1,9})\s*\]/y;
const space = /\s*/y;

/**
 * Parses the part of JSONata that needs no sandbox: literals, and paths of field names and indexes from the
 * previous output, `$steps`, `$request` or `$run`. Names with other characters stand in backquotes.
 * Syntax: https://docs.jsonata.org/simple
 */
export function parseExpression(source: string): ParsedExpression {
  const reader = new Reader(source);
  reader.take(space);
  const expression = reader.literal() ?? reader.path();
  if (!expression) return reader.fault();
  reader.take(space);
  return reader.atEnd ? { ok: true, expression } : reader.fault();
}

class Reader {
  private position = 0;
  private message: string | undefined;

  constructor(private readonly source: string) {}

  get atEnd(): boolean {
    return this.position === this.source.length && this.message === undefined;
  }

  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.source);
    if (!found) return undefined;
    this.position = pattern.lastIndex;
    return found[1] ?? found[0];
  }

  fault(): ParsedExpression {
    const message =
      this.message ??
      (this.source.trim() === ''
        ? 'The expression is empty: give a path such as order.id, or a literal such as "sold".'
        : this.position >= this.source.length
          ? 'The expression ends too early: a field name is missing after the dot.'
          : `Unexpected “${this.source.slice(this.position, this.position + 12)}”: ` +
            'an expression is a path such as order.lines[0].sku or $steps.step_1.id, or a literal.');
    return { ok: false, fault: { message, position: this.position } };
  }

  literal(): Expression | undefined {
    const quote = this.source[this.position];
    if (quote === '"' || quote === "'") return this.text(quote);
    const digits = this.take(number);
    if (digits !== undefined) return { kind: 'literal', value: Number(digits) };
    const start = this.position;
    const word = this.take(name);
    if (word === 'true' || word === 'false') return { kind: 'literal', value: word === 'true' };
    if (word === 'null') return { kind: 'literal', value: null };
    this.position = start;
    return undefined;
  }

  path(): Expression | undefined {
    const start = this.position;
    const steps: PathStep[] = [];
    let root: PathRoot = 'output';
    const head = this.take(variable);
    if (head !== undefined) {
      const known = variables[head];
      if (!known) {
        this.position = start;
        this.message = `Unknown variable ${head}: there are $, $steps, $request and $run.`;
        return undefined;
      }
      root = known;
      const indexes = this.indexes();
      if (indexes.length > 0) steps.push({ field: null, indexes });
    } else {
      const field = this.field();
      if (field === undefined) return undefined;
      steps.push({ field, indexes: this.indexes() });
    }
    while (this.source[this.position] === '.') {
      this.position += 1;
      const field = this.field();
      if (field === undefined) return undefined;
      steps.push({ field, indexes: this.indexes() });
    }
    return { kind: 'path', root, steps };
  }

  private field(): string | undefined {
    if (this.source[this.position] !== '`') return this.take(name);
    const end = this.source.indexOf('`', this.position + 1);
    if (end === -1) {
      this.message = 'The backquote that opens here is never closed.';
      return undefined;
    }
    const field = this.source.slice(this.position + 1, end);
    this.position = end + 1;
    return field;
  }

  private indexes(): number[] {
    const found: number[] = [];
    for (let taken = this.take(index); taken !== undefined; taken = this.take(index)) found.push(Number(taken));
    return found;
  }

  private text(quote: string): Expression | undefined {
    const rest = this.source.slice(this.position + 1);
    const closing = new RegExp(`^(?:[^\\\\${quote}]|\\\\.)*${quote}`, 's').exec(rest);
    if (!closing) {
      this.message = 'The quote that opens here is never closed.';
      return undefined;
    }
    const inner = closing[0].slice(0, -1);
    const json = quote === '"' ? inner : inner.replaceAll("\\'", "'").replaceAll(/(?<!\\)"/g, '\\"');
    try {
      const value = JSON.parse(`"${json}"`) as string;
      this.position += 1 + closing[0].length;
      return { kind: 'literal', value };
    } catch {
      this.message = 'The text holds a character or an escape that JSON does not allow.';
      return undefined;
    }
  }
}
