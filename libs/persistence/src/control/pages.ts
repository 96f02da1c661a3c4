/** Asks for the rows that come after `before`, newest first. Ids are time-ordered, so they are the cursor. */
export interface PageRequest<Id extends string> {
  before?: Id | undefined;
  limit: number;
}

export interface Page<Row> {
  items: Row[];
  /** The id to ask the next page with; `null` on the last one. */
  next: string | null;
}

/** Makes a page of rows that were asked for with one more than its limit, to see whether another page follows. */
export function pageOf<Row extends { id: string }>(rows: Row[], limit: number): Page<Row> {
  const items = rows.slice(0, limit);
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}
