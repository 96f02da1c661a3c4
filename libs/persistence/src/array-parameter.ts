/*
 * Arrays as parameters of hot statements, in the binary format. As text, every element is quoted here and unquoted by
 * Postgres character by character, and bytes go as hexadecimal digits, which for the bodies of a batch of runs was more work
 * than writing their rows.
 */

/** A value that is none of its type: Postgres would refuse it, too. */
export class ParameterError extends Error {
  override readonly name = 'ParameterError';
}

interface Elements {
  bool: boolean;
  bytea: Buffer;
  float8: number;
  int4: number;
  json: string;
  text: string;
  uuid: string;
}

type ElementType = keyof Elements;

interface Format<Value> {
  /** Of the element type, in `pg_type`: those of built-in types never change. */
  oid: number;
  bytes(value: Value): number;
  write(value: Value, target: Buffer, at: number, bytes: number): void;
}

const utf8 = (oid: number): Format<string> => ({
  oid,
  bytes: (value) => Buffer.byteLength(value),
  write: (value, target, at, bytes) => void target.write(value, at, bytes, 'utf8'),
});

const formats: { [Type in ElementType]: Format<Elements[Type]> } = {
  bool: { oid: 16, bytes: () => 1, write: (value, target, at) => void target.writeUInt8(value ? 1 : 0, at) },
  bytea: { oid: 17, bytes: (value) => value.length, write: (value, target, at) => void value.copy(target, at) },
  float8: { oid: 701, bytes: () => 8, write: (value, target, at) => void target.writeDoubleBE(value, at) },
  int4: {
    oid: 23,
    bytes: () => 4,
    write(value, target, at) {
      if ((value | 0) !== value) throw new ParameterError(`${value} is no integer of 32 bits`);
      target.writeInt32BE(value, at);
    },
  },
  json: utf8(114),
  text: utf8(25),
  uuid: { oid: 2950, bytes: () => 16, write: writeUuid },
};

const hexDigits = Int8Array.from({ length: 128 }, (_, code) => {
  const digit = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(digit) ? -1 : digit;
});
const dash = 45;

/** By hand: taking the dashes out and decoding the rest costs eight times as much. */
function writeUuid(value: string, target: Buffer, at: number): void {
  let digits = 0;
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index);
    if (code === dash) continue;
    const digit = hexDigits[code] ?? -1;
    if (digit < 0 || digits === 32) throw noUuid();
    const place = at + (digits >> 1);
    target[place] = digits % 2 === 0 ? digit << 4 : (target[place] ?? 0) | digit;
    digits += 1;
  }
  if (digits !== 32) throw noUuid();
}

function noUuid(): ParameterError {
  return new ParameterError('what stands for an id is no uuid');
}

const headerBytes = 12;
const dimensionBytes = 8;
const lengthBytes = 4;

/**
 * The array parameter `$n::type[]` of a statement; `null` and `undefined` become null elements. The statement must name the
 * type with this cast, for Postgres reads the bytes as those of the type that it has worked out.
 * Format: `array_send` in Postgres' src/backend/utils/adt/arrayfuncs.c.
 * @throws ParameterError for text that is no uuid and a number that is no int4
 */
export function arrayParameter<Type extends ElementType>(
  type: Type,
  values: readonly (Elements[Type] | null | undefined)[],
): Buffer {
  const format: Format<Elements[Type]> = formats[type];
  const lengths = values.map((value) => (value == null ? -1 : format.bytes(value)));
  const total = lengths.reduce((sum, length) => sum + lengthBytes + Math.max(length, 0), 0);
  const target = Buffer.allocUnsafe(headerBytes + (values.length > 0 ? dimensionBytes : 0) + total);
  target.writeInt32BE(values.length > 0 ? 1 : 0, 0);
  target.writeInt32BE(lengths.includes(-1) ? 1 : 0, 4);
  target.writeInt32BE(format.oid, 8);
  if (values.length === 0) return target;
  target.writeInt32BE(values.length, 12);
  const firstIndex = 1;
  target.writeInt32BE(firstIndex, 16);
  let at = headerBytes + dimensionBytes;
  values.forEach((value, index) => {
    const length = lengths[index] ?? -1;
    at = target.writeInt32BE(length, at);
    if (value == null) return;
    format.write(value, target, at, length);
    at += length;
  });
  return target;
}

/** Makes array parameters of rows, a column each. */
export function columnsOf<Row>(rows: readonly Row[]) {
  return <Type extends ElementType>(
    type: Type,
    value: (row: Row, index: number) => Elements[Type] | null | undefined,
  ): Buffer => arrayParameter(type, rows.map(value));
}
