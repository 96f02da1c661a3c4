import { isUtf8 } from 'node:buffer';
import { refuse } from './body-error.js';

/** Far more than the three headers that count need. */
const maxHeaderBytes = 16_384;
/** Before the first boundary and after the last. */
const maxSurroundingBytes = 16_384;
const maxPaddingBytes = 100;

const nothing = Buffer.alloc(0);

/** The headers of a part, names in lower case. */
export type PartHeaders = ReadonlyMap<string, string>;

/**
 * Takes a multipart body apart (RFC 2046 §5.1) as it comes in, pulled by the reader: no more than the chunk at hand and
 * the headers of a part are in memory. Use: `nextPart`, then `content` to its end, and again until there is none. All
 * throw `BodyFaultError` for a body that is broken, too, when it ends without its closing boundary.
 */
export class MultipartReader {
  private readonly delimiter: Buffer;
  private readonly chunks: AsyncIterator<Buffer>;
  /** The first boundary may begin the body, so a line end stands before it. */
  private pending: Buffer = Buffer.from('\r\n');
  /** Serves again and again: a new one for each chunk would be as much garbage as there is body. */
  private joined: Buffer = nothing;
  private part = 0;
  private hasPreamble = false;

  constructor(source: AsyncIterable<Buffer>, boundary: string) {
    this.delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
    this.chunks = source[Symbol.asyncIterator]();
  }

  /** The headers of the next part; `undefined` after the last, when the body has been read to its end. */
  async nextPart(): Promise<PartHeaders | undefined> {
    if (this.part === 0) await this.skipPreamble();
    this.part += 1;
    await this.fillTo(2);
    if (this.pending[0] === 0x2d && this.pending[1] === 0x2d) {
      // Such as the parts themselves behind a first boundary that is broken: they must not be lost.
      if (this.part === 1 && this.hasPreamble) refuse('The multipart body has text, but no part');
      await this.skipEpilogue();
      return undefined;
    }
    const padding = await this.readTo('\r\n', maxPaddingBytes, 'A boundary of the multipart body has more on its line');
    if (/[^ \t]/.test(padding)) refuse('A boundary of the multipart body has more on its line');
    await this.fillTo(2);
    if (this.pending[0] === 0x0d && this.pending[1] === 0x0a) refuse(`Part ${this.part} has no headers`);
    return this.parseHeaders(
      await this.readTo('\r\n\r\n', maxHeaderBytes, `The headers of part ${this.part} are larger than 16 KiB`),
    );
  }

  /** The bytes of the part whose headers were read last. A piece is good until the next is asked for. */
  async *content(): AsyncGenerator<Buffer, void, undefined> {
    if (await this.skipBoundaryAtStart()) return;
    for (;;) {
      const found = this.pending.indexOf(this.delimiter);
      const ready = this.take(found === -1 ? this.pending.length - this.possibleDelimiterBytes() : found);
      if (found !== -1) this.take(this.delimiter.length);
      if (ready.length > 0) yield ready;
      if (found !== -1) return;
      await this.fill();
    }
  }

  private async skipPreamble(): Promise<void> {
    let bytes = 0;
    for await (const chunk of this.content()) {
      bytes += chunk.length;
      if (bytes > maxSurroundingBytes) refuse('The multipart body does not begin with its boundary');
      this.hasPreamble ||= /\S/.test(chunk.toString('latin1'));
    }
  }

  private async skipEpilogue(): Promise<void> {
    let bytes = this.pending.length;
    while (bytes <= maxSurroundingBytes) {
      const next = await this.chunks.next();
      if (next.done === true) return;
      bytes += next.value.length;
    }
    refuse('The multipart body goes on after its closing boundary');
  }

  /** Of a part that is empty, the line end before the boundary may be missing: then it follows the headers at once. */
  private async skipBoundaryAtStart(): Promise<boolean> {
    const boundary = this.delimiter.subarray(2);
    for (let length = 1; length <= boundary.length; length += 1) {
      await this.fillTo(length);
      if (this.pending[length - 1] !== boundary[length - 1]) return false;
    }
    this.take(boundary.length);
    return true;
  }

  private parseHeaders(text: string): PartHeaders {
    const headers = new Map<string, string>();
    for (const line of text.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n')) {
      const [, name, value = ''] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([^\r\n\0]*)$/.exec(line) ?? [];
      if (name === undefined) return refuse(`Part ${this.part} has a broken header`);
      const key = name.toLowerCase();
      if (headers.has(key)) refuse(`Part ${this.part} has a header twice`);
      headers.set(key, value.trim());
    }
    return headers;
  }

  /** How many bytes at the end of `pending` may be the beginning of the delimiter. */
  private possibleDelimiterBytes(): number {
    const from = Math.max(0, this.pending.length - this.delimiter.length + 1);
    const lineEnd = this.pending.indexOf(0x0d, from);
    return lineEnd === -1 ? 0 : this.pending.length - lineEnd;
  }

  /** Text up to `end`, which is taken, too. */
  private async readTo(end: string, maxBytes: number, otherwise: string): Promise<string> {
    for (;;) {
      const found = this.pending.indexOf(end);
      if (found > maxBytes || (found === -1 && this.pending.length > maxBytes + end.length)) refuse(otherwise);
      if (found !== -1) {
        const bytes = this.take(found);
        this.take(end.length);
        return bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
      }
      await this.fill();
    }
  }

  private take(count: number): Buffer {
    const taken = this.pending.subarray(0, count);
    this.pending = this.pending.subarray(count);
    return taken;
  }

  private async fillTo(count: number): Promise<void> {
    while (this.pending.length < count) await this.fill();
  }

  /** A chunk is good until the next is asked for, so what is left of it is put in front of that in a buffer of our own. */
  private async fill(): Promise<void> {
    const left = this.pending.length === 0 ? nothing : Buffer.from(this.pending);
    const next = await this.chunks.next();
    if (next.done === true) return refuse('The multipart body ends before its closing boundary');
    if (left.length === 0) {
      this.pending = next.value;
      return;
    }
    const bytes = left.length + next.value.length;
    if (this.joined.length < bytes) this.joined = Buffer.allocUnsafeSlow(Math.max(bytes, 2 * this.joined.length));
    left.copy(this.joined);
    next.value.copy(this.joined, left.length);
    this.pending = this.joined.subarray(0, bytes);
  }
}
