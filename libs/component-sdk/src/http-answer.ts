import type { Readable } from 'node:stream';
import type { z } from 'zod';
import { TerminalError } from './errors.js';
import type { Exchanged, Opened } from './http-exchange.js';
import { schemaWords } from './schema-words.js';

const maxExcerptLength = 300;

/** What a peer answered, read whole. */
export class HttpAnswer {
  readonly status: number;
  readonly headers: Exchanged['headers'];
  readonly body: Buffer;

  constructor(
    /** Method and address without query, for messages. */
    private readonly call: string,
    exchanged: Exchanged,
  ) {
    this.status = exchanged.status;
    this.headers = exchanged.headers;
    this.body = exchanged.body;
  }

  /** One header as text; several of the same name are joined by commas. */
  header(name: string): string | undefined {
    return headerOf(this.headers, name);
  }

  text(): string {
    return this.body.toString('utf8');
  }

  /** The body as JSON that `schema` accepts. Throws a `TerminalError` that says what is wrong with it. */
  json<Schema extends z.ZodType>(schema: Schema): z.output<Schema> {
    let value: unknown;
    try {
      value = JSON.parse(this.text());
    } catch {
      throw new TerminalError(`${this.call} answered ${this.status} with a body that is not JSON: ${this.excerpt()}`, {
        code: 'peer_answer_unreadable',
      });
    }
    const parsed = schema.safeParse(value, schemaWords);
    if (parsed.success) return parsed.data;
    const faults = parsed.error.issues.slice(0, 5).map((issue) => `/${issue.path.join('/')}: ${issue.message}`);
    throw new TerminalError(`${this.call} answered ${this.status} with unexpected JSON: ${faults.join('; ')}`, {
      code: 'peer_answer_unreadable',
    });
  }

  /**
   * The peer's own words on what is wrong: the usual message fields of a JSON body, else the beginning of a text.
   * `undefined` when there are none; a page of HTML is not for people.
   */
  get reason(): string | undefined {
    let value: unknown;
    try {
      value = JSON.parse(this.text());
    } catch {
      const markup = this.header('content-type')?.includes('html') ?? false;
      return markup || this.body.length === 0 ? undefined : this.excerpt();
    }
    const words = wordsOf(value, 3);
    return words === undefined ? undefined : shorten(words);
  }

  private excerpt(): string {
    return shorten(this.body.subarray(0, 4 * maxExcerptLength).toString('utf8'));
  }
}

/** What a peer answers, its body as it comes in. */
export class HttpStream {
  readonly status: number;
  readonly headers: Exchanged['headers'];
  /**
   * To be read to its end or destroyed; ends with the step. When it breaks off its error says what that means to the step,
   * as with any call.
   */
  readonly body: Readable;

  constructor(opened: Opened) {
    this.status = opened.status;
    this.headers = opened.headers;
    this.body = opened.body;
  }

  /** One header as text; several of the same name are joined by commas. */
  header(name: string): string | undefined {
    return headerOf(this.headers, name);
  }

  /** In bytes, where the peer said it and the body is not compressed. */
  get size(): number | undefined {
    const length = this.header('content-length');
    const plain = this.header('content-encoding') === undefined;
    return plain && length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
  }
}

function headerOf(headers: Exchanged['headers'], name: string): string | undefined {
  const value = headers[name.toLowerCase()];
  return Array.isArray(value) ? value.join(', ') : value;
}

const reasonFields = ['detail', 'message', 'error_description', 'error', 'reason', 'title', 'description', 'errors'];

function wordsOf(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value;
  if (typeof value !== 'object' || value === null || depth === 0) return undefined;
  if (Array.isArray(value)) return wordsOf(value[0], depth - 1);
  for (const field of reasonFields) {
    const words = wordsOf((value as Record<string, unknown>)[field], depth - 1);
    if (words !== undefined) return words;
  }
  return undefined;
}

function shorten(text: string): string {
  // Control characters of a foreign text must not reach a log or a terminal.
  const line = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return line.length > maxExcerptLength ? `${line.slice(0, maxExcerptLength)}…` : line;
}
