/**
 * Numbers of pets, sorted, runs of neighbours as one: `1-50,53`. Pets are mostly numbered one after another, so some
 * hundred thousand of them stay far below what a snapshot may hold.
 */
export function writeIds(ids: Iterable<number>): string {
  const ranges: [number, number][] = [];
  for (const id of [...ids].toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last && id <= last[1] + 1) last[1] = id;
    else ranges.push([id, id]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}

/** Reads what `writeIds` wrote as the question whether a number is among them. */
export function readIds(text: string): (id: number) => boolean {
  const ranges = text === '' ? [] : text.split(',').map(readRange);
  return (id) => {
    let [low, high] = [0, ranges.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const [first, last] = ranges[middle] ?? [0, 0];
      if (id >= first && id <= last) return true;
      if (id < first) high = middle - 1;
      else low = middle + 1;
    }
    return false;
  };
}

function readRange(text: string): [number, number] {
  const [first = '', last = first] = text.split('-');
  return [Number(first), Number(last)];
}
