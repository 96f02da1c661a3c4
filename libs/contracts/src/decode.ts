import type { z } from 'zod';

export type Decoded<T> = { ok: true; value: T } | { ok: false; reason: string };

/**
 * Reads a message body as JSON of the given schema. The schema checks the envelope only; it must not
 * transform, so the parsed value itself is returned and payloads are not copied.
 */
export function decodeJson<T>(body: Buffer, schema: z.ZodType, what: string): Decoded<T> {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    return { ok: false, reason: `${what} is not valid JSON` };
  }
  const checked = schema.safeParse(value);
  if (checked.success) return { ok: true, value: value as T };
  const faults = checked.error.issues.map((fault) => `/${fault.path.join('/')}: ${fault.message}`);
  return { ok: false, reason: `${what} is malformed: ${faults.join('; ')}` };
}
