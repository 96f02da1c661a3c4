/** The beginning of a day, or of the day after it, in the zone of the reader; undefined for what is no day. */
export function dayBound(day: string, which: 'from' | 'to'): string | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return undefined;
  const bound = new Date(`${day}T00:00:00`);
  if (Number.isNaN(bound.getTime())) return undefined;
  if (which === 'to') bound.setDate(bound.getDate() + 1);
  return bound.toISOString();
}
