import jsonata from 'jsonata';
import { additions } from './additions.js';

/** Plenty for recursion that is meant; each level of a recursive function takes several. */
const maxStackDepth = 20_000;
const maxCached = 2_000;

/** @type {Map<string, { expression: jsonata.Expression, changesInput: boolean }>} */
const cache = new Map();

/**
 * Millrace's functions and variables as JSONata defines them. Registering parses their signatures, so it is done once;
 * what comes out of it serves every expression.
 *
 * @type {[name: string, definition: unknown][]}
 */
const definitions = await defineOnce();

/**
 * The expression, compiled when it is first met, and whether evaluating it may change its input: grouping adds to an
 * empty array, transformations change what an overridden `$clone` hands them, and `[]` marks arrays.
 *
 * @param {string} source
 * @param {{ timeLimitMs: number }} limits
 */
export function compile(source, limits) {
  const known = cache.get(source);
  if (known) return known;
  const expression = jsonata(source, { timeout: limits.timeLimitMs, stack: maxStackDepth });
  for (const [name, definition] of definitions) expression.assign(name, definition);
  const compiled = { expression, changesInput: mayChangeInput(expression.ast()) };
  if (cache.size >= maxCached) cache.delete(cache.keys().next().value ?? '');
  cache.set(source, compiled);
  return compiled;
}

/**
 * @param {unknown} node
 * @returns {boolean}
 */
function mayChangeInput(node) {
  if (typeof node !== 'object' || node === null) return false;
  if ('group' in node || 'keepArray' in node || 'keepSingletonArray' in node) return true;
  const { type, value } = /** @type {{ type?: unknown, value?: unknown }} */ (node);
  if (type === 'transform' || (type === 'unary' && value === '{')) return true;
  if (type === 'variable' && value === 'eval') return true;
  return Object.values(node).some(mayChangeInput);
}

/** @returns {Promise<[name: string, definition: unknown][]>} */
async function defineOnce() {
  const names = Object.keys(additions);
  const all = jsonata(`[${names.map((name) => `$${name}`).join()}]`);
  for (const [name, { implementation, signature }] of Object.entries(additions)) {
    all.registerFunction(name, implementation, signature);
  }
  /** @type {unknown[]} */
  const defined = await all.evaluate(undefined);
  return names.map((name, at) => [name, defined[at]]);
}
