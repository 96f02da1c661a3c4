/*
 * What all steps of a process share and one of them may break for the others. It is looked at whenever an operation was called
 * and whenever a step ends: about 60 comparisons, half a microsecond.
 */

interface Kept {
  readonly owner: Record<PropertyKey, unknown>;
  readonly key: PropertyKey;
  readonly value: unknown;
  readonly name: string;
}

// Kept apart, for these may be what was broken.
const { defineProperty } = Object;

const functionsOf: [string, object, PropertyKey[]][] = [
  [
    'globalThis',
    globalThis,
    [
      ...'setTimeout clearTimeout setInterval clearInterval setImmediate clearImmediate'.split(' '),
      ...'queueMicrotask Promise JSON Object Array Map Set Error Date Math Buffer'.split(' '),
      ...'String Number RegExp Symbol Reflect process URL AbortController console'.split(' '),
    ],
  ],
  ['JSON', JSON, ['parse', 'stringify']],
  ['Object', Object, ['assign', 'entries', 'keys', 'values', 'fromEntries', 'freeze', 'defineProperty', 'create']],
  ['Array', Array, ['isArray', 'from']],
  ['Promise', Promise, ['all', 'race', 'resolve', 'reject']],
  ['Date', Date, ['now']],
  ['Buffer', Buffer, ['from', 'alloc', 'concat', 'byteLength']],
  ['process', process, ['nextTick', 'emit', 'on', 'hrtime', 'memoryUsage']],
  ['Object.prototype', Object.prototype, ['hasOwnProperty', 'toString', 'valueOf']],
  ['Function.prototype', Function.prototype, ['apply', 'bind', 'call']],
  ['Promise.prototype', Promise.prototype, ['then', 'catch', 'finally']],
  ['Map.prototype', Map.prototype, ['get', 'set', 'has', 'delete', Symbol.iterator]],
  ['Set.prototype', Set.prototype, ['add', 'has', 'delete', Symbol.iterator]],
  [
    'Array.prototype',
    Array.prototype,
    [
      ...'push pop shift splice slice map filter some every find forEach includes'.split(' '),
      ...'indexOf join concat reduce sort entries flatMap'.split(' '),
      Symbol.iterator,
    ],
  ],
  ['String.prototype', String.prototype, ['slice', 'split', 'replace', 'replaceAll', 'startsWith', 'includes', 'trim']],
];

const kept: Kept[] = functionsOf.flatMap(([of, owner, keys]) =>
  keys.map((key) => {
    const own = owner as Record<PropertyKey, unknown>;
    return { owner: own, key, value: own[key], name: `${of}.${String(key)}` };
  }),
);

/** Puts back what was changed of the usual globals; returns the names of what it was. */
export function restoreGlobals(): string[] | undefined {
  let changed: string[] | undefined;
  // No iterator and no method here: they may be what was broken.
  for (let at = 0; at < kept.length; at += 1) {
    const one = kept[at];
    if (!one || one.owner[one.key] === one.value) continue;
    changed ??= [];
    changed[changed.length] = one.name;
    put(one);
  }
  // What is inherited is what is looked for.
  for (const key in {}) {
    changed ??= [];
    changed[changed.length] = `Object.prototype.${key}`;
    delete (Object.prototype as Record<string, unknown>)[key];
  }
  return changed;
}

function put({ owner, key, value }: Kept): void {
  try {
    defineProperty(owner, key, { value, writable: true, configurable: true, enumerable: false });
  } catch {
    // It was made so that nobody can put it back.
  }
}
