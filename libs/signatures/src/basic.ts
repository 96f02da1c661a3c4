import { authentic, type Authentication, type Clock, type RawRequest, type RefusalReason } from './authentication.js';
import { secretComparer } from './constant-time.js';
import type { AcceptedSecret } from './rotation.js';

/**
 * HTTP Basic authentication, RFC 7617. The user name ends at the first colon, so a password may contain colons. User
 * name and password are compared as one value, and nothing tells which of them was wrong.
 */
export function basicVerifier(
  username: string,
  passwords: readonly AcceptedSecret[],
  clock: Clock,
): (request: RawRequest) => Authentication {
  const accepted = passwords.map(({ text, untilMs }) => ({
    matches: secretComparer(Buffer.from(`${username}:${text}`)),
    untilMs,
  }));
  return ({ headers }) => {
    const header = headers['authorization'];
    if (header === undefined) return refused('missing_credentials');
    const token = typeof header === 'string' ? /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(header)?.[1] : undefined;
    const given = Buffer.from(token ?? '', 'base64');
    const nowMs = clock();
    const known = accepted.filter(({ matches, untilMs }) => matches(given) && nowMs < untilMs).length > 0;
    return known && token !== undefined ? authentic : refused('wrong_credentials');
  };
}

function refused(reason: RefusalReason): Authentication {
  return { outcome: 'refused', reason, challenge: 'Basic realm="webhook", charset="UTF-8"' };
}
