/** @typedef {import('../protocol.js').LeafFault} LeafFault */

/**
 * What JSONata throws.
 *
 * @typedef {{ code?: string, message?: string, position?: number, token?: unknown, error?: unknown }} Thrown
 */

/** JSONata's codes for what every sandbox has. @type {Record<string, [code: string, message: string]>} */
const limitCodes = {
  D1011: ['recursion_too_deep', 'Functions call one another without end or too deep.'],
  D1012: ['time_exceeded', 'The expression takes too long: look for an endless loop or recursion.'],
};

/** Codes whose value is a limit or a count, not data. */
const harmlessValues = new Set(['D2014', 'D2015']);

/**
 * What went wrong, in words that hold no data: messages reach logs, data must not.
 *
 * @param {unknown} error
 * @param {string} source
 * @returns {LeafFault}
 */
export function explain(error, source) {
  const thrown = /** @type {Thrown} */ (error);
  const position = placeOf(thrown, source);
  const limit = limitCodes[thrown.code ?? ''];
  if (limit) return { code: limit[0], message: limit[1], position };
  if (error instanceof RangeError) {
    return /string length|array length|allocation/i.test(error.message)
      ? { code: 'memory_exceeded', message: 'The expression makes a text or a list that is too long.', position }
      : { code: 'recursion_too_deep', message: 'The expression or its data are nested too deeply.', position };
  }
  if (thrown.code === undefined) {
    return { code: 'expression_failed', message: 'JSONata cannot evaluate this expression on this input.', position };
  }
  return { code: thrown.code, message: withoutData(thrown), position };
}

/**
 * @param {Thrown} thrown
 * @returns {string}
 */
function withoutData(thrown) {
  const inner = thrown.error === undefined ? undefined : withoutData(/** @type {Thrown} */ (thrown.error));
  let message = thrown.message ?? 'The expression cannot be evaluated';
  if (!harmlessValues.has(thrown.code ?? '')) {
    for (const field of ['value', 'value2', 'exp']) {
      const value = /** @type {Record<string, unknown>} */ (thrown)[field];
      if (value === undefined) continue;
      // The message holds the value as JSON, in the place that its template gives it.
      const json = JSON.stringify(value) ?? 'undefined';
      message = message.replace(json, () => (field === 'value' && inner !== undefined ? inner : kindOf(value)));
    }
  }
  return message.endsWith('.') ? message : `${message}.`;
}

/** @param {unknown} value */
function kindOf(value) {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return 'a text';
    case 'number':
      return 'a number';
    case 'boolean':
      return 'true or false';
    default:
      return typeof value === 'object' ? 'an object' : 'a function';
  }
}

/**
 * JSONata tells where a token ends; people look for where it begins.
 *
 * @param {Thrown} thrown
 * @param {string} source
 */
function placeOf(thrown, source) {
  const end = Math.max(0, Math.min(thrown.position ?? 0, source.length));
  const token = typeof thrown.token === 'string' ? thrown.token : '';
  // The place of a call is that of its opening bracket.
  for (const form of [`$${token}(`, `$${token}`, `${token}(`, token]) {
    if (token !== '' && source.endsWith(form, end)) return end - form.length;
  }
  return end;
}
