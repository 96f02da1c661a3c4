import type { Writable } from 'node:stream';
import pg from 'pg';

/** A statement without rows. */
export interface BytesStatement {
  name: string;
  text: string;
  /** All parameters but the last, as text. */
  values: string[];
  /** The last one. Must not change before the statement has ended. */
  bytes: Buffer;
}

/** What is used of a connection of pg. */
interface Connection {
  stream: Writable;
  submittedNamedStatements: Record<string, string>;
  parse(statement: { name: string; text: string }): void;
  execute(): void;
  sync(): void;
}

/**
 * A query that writes a large parameter to the socket as it lies. pg copies every parameter into a message of its own,
 * and that again and again is garbage which V8 leaves until there are 32 MiB of it.
 *
 * `Query.submit` calls `prepare` with the stream corked, so what is written here goes out in one piece. Were it not
 * called, the values that pg is given would make it send the same statement in its own way.
 */
export class BytesQuery extends pg.Query {
  declare hasBeenParsed: (connection: Connection) => boolean;

  constructor(private readonly statement: BytesStatement) {
    const { name, text, values, bytes } = statement;
    super({ name, text, values: [...values, bytes] });
  }

  prepare(connection: Connection): void {
    const { name, text, values, bytes } = this.statement;
    if (!this.hasBeenParsed(connection)) {
      connection.parse({ name, text });
      connection.submittedNamedStatements[name] = text;
    }
    const { stream } = connection;
    if (stream.writable) {
      stream.write(bindMessage(name, values, bytes.length));
      stream.write(bytes);
      stream.write(resultFormats);
    }
    connection.execute();
    connection.sync();
  }
}

/** No result column has a format of its own. */
const resultFormats = Buffer.alloc(2);

/** https://www.postgresql.org/docs/current/protocol-message-formats.html, Bind: all up to the bytes of the last value. */
function bindMessage(statement: string, values: readonly string[], lastBytes: number): Buffer {
  const count = values.length + 1;
  const head = Buffer.concat([
    Buffer.from(`\0${statement}\0`),
    int16(count),
    ...values.map(() => int16(0)),
    int16(1),
    int16(count),
    ...values.flatMap((value) => [int32(Buffer.byteLength(value)), Buffer.from(value)]),
    int32(lastBytes),
  ]);
  return Buffer.concat([Buffer.from('B'), int32(4 + head.length + lastBytes + resultFormats.length), head]);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
