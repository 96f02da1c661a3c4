import { types } from 'node:util';

export type JsonCheck =
  | { ok: true; atLeastBytes: number }
  | { ok: false; fault: 'not_json'; pointer: string; what: string }
  | { ok: false; fault: 'too_large'; atLeastBytes: number };

const maxDepth = 1000;

/**
 * Tells whether JSON can carry a value without losing something, and that it is not larger than `maxBytes`. Counts a lower
 * bound of its size and stops as soon as that is too much, so that a huge value costs no more than a large one.
 */
export function checkJson(value: unknown, maxBytes: number): JsonCheck {
  const path: string[] = [];
  let bytes = 0;

  function faultIn(value: unknown): string | undefined {
    bytes += 1;
    if (bytes > maxBytes) return 'too large';
    switch (typeof value) {
      case 'string':
        bytes += value.length + 1;
        return bytes > maxBytes ? 'too large' : undefined;
      case 'number':
        return Number.isFinite(value) ? undefined : `the number ${value}`;
      case 'boolean':
      case 'undefined':
        return undefined;
      case 'object':
        return value === null ? undefined : faultInObject(value);
      default:
        return `a ${typeof value}`;
    }
  }

  function faultInObject(value: object): string | undefined {
    const lossy = lossyKind(value);
    if (lossy !== undefined) return lossy;
    if (path.length >= maxDepth) return `something that contains itself or is nested deeper than ${maxDepth} levels`;
    if ('toJSON' in value && typeof value.toJSON === 'function') return faultIn(value.toJSON());
    for (const [key, member] of Array.isArray(value) ? value.entries() : Object.entries(value)) {
      path.push(String(key));
      if (typeof key === 'string') bytes += key.length + 3;
      const fault = faultIn(member);
      if (fault !== undefined) return fault;
      path.pop();
    }
    return undefined;
  }

  const what = faultIn(value);
  if (what === undefined) return { ok: true, atLeastBytes: bytes };
  if (bytes > maxBytes) return { ok: false, fault: 'too_large', atLeastBytes: bytes };
  return { ok: false, fault: 'not_json', pointer: pointerOf(path), what };
}

function lossyKind(value: object): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  // Nearly all: asking for each kind costs more than all the rest.
  if (prototype === Object.prototype || prototype === Array.prototype) return undefined;
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) return 'bytes (give them as text, such as base64)';
  if (types.isPromise(value)) return 'a promise (is an await missing?)';
  if (types.isMap(value) || types.isSet(value)) return `a ${types.isMap(value) ? 'Map' : 'Set'}`;
  if (types.isNativeError(value)) return 'an Error';
  if (types.isRegExp(value)) return 'a regular expression';
  if (types.isGeneratorObject(value)) return 'a generator (make the operation an async one)';
  return undefined;
}

function pointerOf(path: readonly string[]): string {
  const shown = path.slice(0, 20).map((segment) => `/${segment.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  return shown.join('') + (path.length > shown.length ? '/…' : '');
}
