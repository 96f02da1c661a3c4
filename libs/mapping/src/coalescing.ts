const repeating = /\?\?|\?:/g;

/** So many uses cannot grow an expression beyond reason, whichever way they are nested. */
const harmlessUses = 10;
const maxWeight = 200_000;

/**
 * Whether parsing the expression may take more memory than its length lets expect. JSONata's parser copies the left
 * side of `??` and `?:`, so `(((a ?? b) ?? c) ?? d)` doubles with every bracket: 30 of them would be a billion nodes.
 * The weight counted here is an upper bound of the nodes.
 */
export function growsBeyondReason(source: string): boolean {
  if ((source.match(repeating)?.length ?? 0) <= harmlessUses) return false;
  const weight = weigh(source);
  return weight === undefined || weight > maxWeight;
}

/** `undefined` where a slash may divide or open a regular expression, and a bar may open or close a transformation. */
function weigh(source: string): number | undefined {
  const outer: { settled: number; operand: number }[] = [];
  let level = { settled: 0, operand: 0 };
  for (let at = 0; at < source.length; at += 1) {
    const character = source[at] ?? '';
    const pair = source.slice(at, at + 2);
    if (pair === '/*') at = endOf(source, source.indexOf('*/', at + 2) + 1);
    else if (character === '/' || character === '|') return undefined;
    else if (character === '`') at = endOf(source, source.indexOf('`', at + 1));
    else if (character === '"' || character === "'") at = endOfText(source, at);
    else if (pair === '??' || pair === '?:') {
      level = { settled: level.settled + 2 * level.operand, operand: 0 };
      at += 1;
    } else if ('([{'.includes(character)) {
      outer.push(level);
      level = { settled: 0, operand: 0 };
    } else if (')]}'.includes(character)) {
      const inner = level.settled + level.operand + 1;
      level = outer.pop() ?? { settled: 0, operand: 0 };
      level.operand += inner;
    } else level.operand += 1;
  }
  // What is open is not valid, but may be parsed up to its end.
  return [...outer, level].reduce((sum, { settled, operand }) => sum + settled + operand, 0);
}

function endOf(source: string, end: number): number {
  return end <= 0 ? source.length : end;
}

function endOfText(source: string, start: number): number {
  const quote = source[start];
  let at = start + 1;
  while (at < source.length && source[at] !== quote) at += source[at] === '\\' ? 2 : 1;
  return at;
}
