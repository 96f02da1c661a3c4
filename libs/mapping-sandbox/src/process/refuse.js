/**
 * An error with a code, as JSONata's own have; JSONata adds the place.
 *
 * @param {string} code
 * @param {string} message
 */
export function refuse(code, message) {
  return Object.assign(new Error(message), { code });
}
