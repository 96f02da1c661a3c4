import type { Authentication, Authenticator, RawRequest } from './authenticator.js';
import { secretComparer } from './constant-time.js';

const refused: Authentication = { outcome: 'refused', challenge: 'Basic realm="webhook", charset="UTF-8"' };
const authentic: Authentication = { outcome: 'authentic' };

/**
 * HTTP Basic authentication, RFC 7617. The user name ends at the first colon, so a password may contain colons. User
 * name and password are compared as one value, and nothing tells which of them was wrong.
 */
export function basicVerifier(expected: { username: string; password: string }): Authenticator {
  const matches = secretComparer(Buffer.from(`${expected.username}:${expected.password}`));
  return (request: RawRequest) => {
    const header = request.headers['authorization'];
    const token = typeof header === 'string' ? /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(header)?.[1] : undefined;
    return matches(Buffer.from(token ?? '', 'base64')) && token !== undefined ? authentic : refused;
  };
}
