/** 2010-11-04T01:42:54.657Z, from which the ids of X count. */
const epochMs = 1_288_834_974_657n;
let last = 0n;

/** An id as X makes them: it grows with time, and is larger than what a JavaScript number can hold exactly. */
export function snowflake(nowMs = Date.now()): string {
  const fresh = (BigInt(nowMs) - epochMs) << 22n;
  last = fresh > last ? fresh : last + 1n;
  return String(last);
}

/** Ids by their size; they are texts of digits. */
export function isNewer(id: string, than: string): boolean {
  return id.length === than.length ? id > than : id.length > than.length;
}
