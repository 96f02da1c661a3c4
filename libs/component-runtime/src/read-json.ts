import type { Json } from '@millrace/contracts';
import { types } from 'node:util';

export type ReadJson =
  /** `json` is a copy that is plain data; null for a value that JSON leaves out. */
  | { ok: true; json: Json; atLeastBytes: number }
  | { ok: false; fault: 'not_json'; pointer: string; what: string }
  | { ok: false; fault: 'too_large'; atLeastBytes: number };

const maxDepth = 1000;
const maxNameLength = 100;

/** What stops the reading. */
class Unreadable extends Error {
  /** Where, from the inside to the outside; gathered on the way out, for the way in is the one that is gone for each value. */
  readonly path: (string | number)[] = [];

  constructor(readonly what: string) {
    super(what);
  }

  static at(place: string | number, error: unknown): unknown {
    if (error instanceof Unreadable) error.path.push(place);
    return error;
  }
}

/**
 * Reads a value of foreign code as JSON: each getter and `toJSON` once, into a copy that is plain data. So what was checked is
 * what is sent, whatever becomes of the value afterwards, and writing it down cannot fail. Counts a lower bound of its size and
 * stops as soon as that is more than `maxBytes`, so that a huge value costs no more than a large one.
 *
 * As JSON does, it leaves out members that are `undefined` (in arrays they become null) and keeps of the instance of a class
 * its own fields. What would be lost otherwise is refused: numbers that are none, dates that are none, instances of classes
 * that have no field to show, and kinds that JSON has no form for. Throws what a getter or `toJSON` throws.
 */
export function readJson(value: unknown, maxBytes: number): ReadJson {
  let bytes = 0;
  let depth = 0;

  function count(more: number): void {
    bytes += more;
    if (bytes > maxBytes) throw new Unreadable('too large');
  }

  /** `undefined` for a member that is to be left out. */
  function read(value: unknown, key: string | number): Json | undefined {
    switch (typeof value) {
      case 'string':
        count(value.length + 2);
        return value;
      case 'number':
        if (!Number.isFinite(value)) throw new Unreadable(`the number ${value}`);
        count(1);
        return value;
      case 'boolean':
        count(4);
        return value;
      case 'undefined':
        return undefined;
      case 'object':
        if (value === null) {
          count(4);
          return null;
        }
        return readObject(value, key);
      default:
        throw new Unreadable(`a ${typeof value}`);
    }
  }

  function readObject(value: object, key: string | number): Json | undefined {
    if (depth >= maxDepth) {
      throw new Unreadable(`something that contains itself or is nested deeper than ${maxDepth} levels`);
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    // Nearly all: asking for each kind costs more than all the rest.
    const plain = prototype === Object.prototype || prototype === Array.prototype;
    if (!plain) refuseLossyKind(value);
    if ('toJSON' in value && typeof value.toJSON === 'function') {
      const shown: unknown = value.toJSON(String(key));
      // Whatever this is has no `toJSON` that JSON would ask.
      return typeof shown === 'object' && shown !== null ? readMembers(shown) : read(shown, key);
    }
    if (!plain && types.isBoxedPrimitive(value)) return read(value.valueOf(), key);
    return readMembers(value);
  }

  function readMembers(value: object): Json {
    count(2);
    depth += 1;
    const members = Array.isArray(value) ? readItems(value) : readFields(value as Record<string, unknown>);
    depth -= 1;
    return members;
  }

  function readItems(value: readonly unknown[]): Json[] {
    const items: Json[] = [];
    let index = 0;
    try {
      for (; index < value.length; index += 1) {
        if (index > 0) count(1);
        const item = read(value[index], index);
        if (item === undefined) count(4);
        items.push(item ?? null);
      }
    } catch (error) {
      throw Unreadable.at(index, error);
    }
    return items;
  }

  function readFields(value: Record<string, unknown>): Json {
    const fields: Record<string, Json> = {};
    const keys = Object.keys(value);
    if (keys.length === 0) refuseHidden(value);
    let place = '';
    try {
      for (const key of keys) {
        place = key;
        const field = read(value[key], key);
        if (field === undefined) continue;
        count(key.length + 3);
        if (key === '__proto__') Object.defineProperty(fields, key, { ...own, value: field });
        else fields[key] = field;
      }
    } catch (error) {
      throw Unreadable.at(place, error);
    }
    return fields;
  }

  try {
    return { ok: true, json: read(value, '') ?? null, atLeastBytes: bytes };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    if (bytes > maxBytes) return { ok: false, fault: 'too_large', atLeastBytes: bytes };
    return { ok: false, fault: 'not_json', pointer: pointerOf(error.path.toReversed()), what: error.what };
  }
}

const own = { writable: true, enumerable: true, configurable: true };

function refuseLossyKind(value: object): void {
  const kind = lossyKind(value);
  if (kind !== undefined) throw new Unreadable(kind);
}

function lossyKind(value: object): string | undefined {
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) return 'bytes (give them as text, such as base64)';
  if (types.isPromise(value)) return 'a promise (is an await missing?)';
  if (types.isMap(value) || types.isSet(value)) return `a ${types.isMap(value) ? 'Map' : 'Set'}`;
  if (types.isNativeError(value)) return 'an Error';
  if (types.isRegExp(value)) return 'a regular expression';
  if (types.isGeneratorObject(value)) return 'a generator (make the operation an async one)';
  if (types.isDate(value) && Number.isNaN(Date.prototype.getTime.call(value))) return 'a date that is none';
  return undefined;
}

/** An instance of a class that shows nothing keeps what it holds where JSON does not look. */
function refuseHidden(value: object): void {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return;
  const { constructor }: { constructor: unknown } = value;
  const name = typeof constructor === 'function' ? constructor.name : '';
  // Also that of another realm.
  if (name === 'Object') return;
  throw new Unreadable(`an instance of a class (${name.slice(0, maxNameLength)}) that has no field to show`);
}

function pointerOf(path: readonly (string | number)[]): string {
  const shown = path.slice(0, 20).map((segment) => `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`);
  return shown.join('') + (path.length > shown.length ? '/…' : '');
}
