import { authentic, type Authentication, type Clock, type RawRequest } from './authentication.js';
import { secretComparer } from './constant-time.js';
import { bytesOf, headerValues } from './request-reading.js';
import type { AcceptedSecret } from './rotation.js';

/**
 * A fixed key in a header or, if asked for, in a query parameter. The header goes first: when it is there, the query is
 * not looked at. A key that is sent twice is refused.
 */
export function apiKeyVerifier(
  places: { headerName: string; queryName?: string | undefined },
  keys: readonly AcceptedSecret[],
  clock: Clock,
): (request: RawRequest) => Authentication {
  const header = places.headerName.toLowerCase();
  const accepted = keys.map(({ text, untilMs }) => ({ matches: secretComparer(Buffer.from(text)), untilMs }));
  return (request) => {
    let given = headerValues(request, header).map(bytesOf);
    if (given.length === 0 && places.queryName !== undefined && URL.canParse(request.url)) {
      given = new URL(request.url).searchParams.getAll(places.queryName).map((text) => Buffer.from(text));
    }
    const [key] = given;
    if (key === undefined) return { outcome: 'refused', reason: 'missing_credentials' };
    const nowMs = clock();
    const known = accepted.filter(({ matches, untilMs }) => matches(key) && nowMs < untilMs).length > 0;
    return known && given.length === 1 ? authentic : { outcome: 'refused', reason: 'wrong_credentials' };
  };
}
