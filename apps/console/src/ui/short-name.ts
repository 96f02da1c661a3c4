const longest = 60;
/** Around a name they keep its direction to itself. */
const isolate = '\u2068';
const endOfIsolate = '\u2069';

/** A name for a sentence that is read in passing, such as a notification: quoted, and cut when it is long. */
export function shortName(name: string): string {
  const letters = Array.from(name);
  const short = letters.length > longest ? `${letters.slice(0, longest).join('')}…` : name;
  return `“${isolate}${short}${endOfIsolate}”`;
}
