/** A value of a changed field in one line; undefined where there was none, or where it is secret. */
export function changeText(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (value === '') return '“”';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest)}… (${text.length.toLocaleString('en')} characters)` : text;
}

const longest = 2_000;
