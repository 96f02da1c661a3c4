import type { RawRequest } from '../authentication.js';
import { sameBytes } from '../constant-time.js';
import { bytesOf, headerValues } from '../request-reading.js';
import { headerTitle } from './describe-scheme.js';
import type { SignatureFinding } from './finding.js';

/** Finds the secret where it stands in the request as it is: then there is no signature to look for. */
export function findClearSecrets(request: RawRequest, secret: string): SignatureFinding[] {
  const expected = Buffer.from(secret, 'utf8');
  const isSecret = (given: Buffer): boolean => sameBytes(expected, given);
  const findings: SignatureFinding[] = [];
  for (const header of Object.keys(request.headers)) {
    for (const value of headerValues(request, header)) {
      if (isSecret(bytesOf(value))) findings.push(inHeader(header));
      if (header === 'authorization') findings.push(...inAuthorization(value, isSecret));
    }
  }
  const query = URL.canParse(request.url) ? [...new URL(request.url).searchParams] : [];
  for (const [name, value] of query) if (isSecret(Buffer.from(value, 'utf8'))) findings.push(inQuery(name));
  return findings;
}

function inHeader(header: string): SignatureFinding {
  return {
    verdict: 'fits',
    scheme: 'apiKey',
    text: `API key: ${headerTitle(header)} carries the secret itself; nothing is signed`,
    fields: { type: 'apiKey', headerName: header },
  };
}

function inQuery(queryName: string): SignatureFinding {
  return {
    verdict: 'fits',
    scheme: 'apiKey',
    text: `API key: the query parameter ${queryName} carries the secret itself; nothing is signed`,
    fields: { type: 'apiKey', headerName: 'x-api-key', queryName },
  };
}

function inAuthorization(value: string, isSecret: (given: Buffer) => boolean): SignatureFinding[] {
  const [, scheme = '', rest = ''] = /^(\S+) +(.*)$/.exec(value) ?? [];
  if (scheme.toLowerCase() === 'basic') {
    const pair = Buffer.from(rest, 'base64');
    const colon = pair.indexOf(':');
    if (colon < 1 || !isSecret(pair.subarray(colon + 1))) return [];
    const text = 'Basic authentication: the secret is the password';
    return [
      { verdict: 'fits', scheme: 'basic', text, fields: { type: 'basic', username: pair.toString('utf8', 0, colon) } },
    ];
  }
  if (!isSecret(bytesOf(rest))) return [];
  const text = `API key: Authorization carries the secret itself after "${scheme} ": enter both as the key`;
  const fields = { type: 'apiKey', headerName: 'authorization' };
  return [{ verdict: 'nearMiss', scheme: 'apiKey', problem: 'secret_spelling', text, fields }];
}
