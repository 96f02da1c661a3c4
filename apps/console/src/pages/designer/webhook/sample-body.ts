const longest = 2_000;
const other = '{"message": "hello"}';

/** A body for an example call: the sample of the trigger where there is one that is not too long. */
export function sampleBody(sample: unknown): string {
  if (typeof sample !== 'object' || sample === null) return other;
  const text = JSON.stringify(sample);
  return text.length <= longest ? text : other;
}
