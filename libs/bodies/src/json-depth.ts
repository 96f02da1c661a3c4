/** Deeper documents are attacks: they would exhaust the stack of whoever walks them, Postgres's parser included. */
export const maxDepth = 500;

const quote = 0x22;
const backslash = 0x5c;

/** Where brackets outside of strings first nest deeper than `depth`; no recursion. */
export function placeBeyondDepth(text: string, depth: number): number | undefined {
  if (!hasMoreOpeningBrackets(text, depth)) return undefined;
  let level = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      for (at += 1; at < text.length; at += 1) {
        const inner = text.charCodeAt(at);
        if (inner === backslash) at += 1;
        else if (inner === quote) break;
      }
    } else if (code === 0x5b || code === 0x7b) {
      level += 1;
      if (level > depth) return at;
    } else if (code === 0x5d || code === 0x7d) level -= 1;
  }
  return undefined;
}

/** A search per bracket is a tenth of the cost of a look at each character, and most texts have few brackets. */
function hasMoreOpeningBrackets(text: string, count: number): boolean {
  let found = 0;
  for (const bracket of ['[', '{']) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      found += 1;
      if (found > count) return true;
    }
  }
  return false;
}
