// Errors are searched as the text they are written as, `{"code":…,"message":…,"detail":…}`: reading a field of a json value
// fails where any text in it holds \u0000. A pattern goes over whole characters: `n` is not in `\n`.
const character = String.raw`(?:[^"\\]|\\.)`;
const codeBegins = String.raw`^\s*\{\s*"code"\s*:\s*"`;
const messageBegins = String.raw`${codeBegins}${character}*"\s*,\s*"message"\s*:\s*"`;

/** The pattern of an error, as text, that has this code. */
export function codeIs(code: string): string {
  return `${codeBegins}${literal(code)}"`;
}

/** The pattern of an error, as text, whose message holds this text. */
export function messageHolds(text: string): string {
  return `${messageBegins}${character}*${literal(text)}`;
}

/** A pattern for a text as JSON writes it. */
function literal(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(/[^\p{L}\p{N}\s]/gu, String.raw`\$&`);
}
