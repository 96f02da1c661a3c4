import { secret, TerminalError } from '@millrace/component-sdk';
import { z } from 'zod';

const hosts = z
  .array(
    z.string().regex(/^(?:\*\.)?[a-z0-9.-]+(?::\d{1,5})?$/i, 'must be a host such as api.example.com or *.example.com'),
  )
  .min(1)
  .optional()
  .describe('hosts that get the credential, such as api.example.com or *.example.com; any when left out');

/** A text that a header can carry. */
const headerText = (): z.ZodString =>
  secret()
    .max(8_192)
    .regex(/^[\t\x20-\x7e\x80-\uffff]+$/, 'has characters that no header can have');

/** How calls prove who makes them. */
export const credentialFields = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('basic').describe('Basic authentication: a user name and a password'),
    username: z
      .string()
      .min(1)
      .max(255)
      .regex(/^[^:]+$/, 'a user name has no colon')
      .describe('user name; it has no colon'),
    password: secret().max(4_096).describe('password'),
    hosts,
  }),
  z.strictObject({
    type: z.literal('bearer').describe('Bearer token: Authorization: Bearer …'),
    token: headerText().describe('the token, without the word Bearer'),
    hosts,
  }),
  z.strictObject({
    type: z.literal('apiKey').describe('API key in a header or in the query'),
    in: z
      .enum(['header', 'query'])
      .default('header')
      .describe('where the key goes; URLs end up in logs, so take a header if you can'),
    name: z
      .string()
      .min(1)
      .max(100)
      .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'is not the name of a header or parameter')
      .describe('name of the header or parameter, such as X-Api-Key'),
    value: headerText().describe('the key, as the whole value'),
    hosts,
  }),
]);

export type HttpCredential = z.output<typeof credentialFields>;

/** What a credential adds to a call of `url`. Throws a `TerminalError` where the credential is not for its host. */
export function proofFor(
  credential: HttpCredential | undefined,
  url: URL,
): { headers: Record<string, string>; query: Record<string, string> } {
  if (!credential) return { headers: {}, query: {} };
  if (credential.hosts && !credential.hosts.some((host) => fits(host.toLowerCase(), url))) {
    throw new TerminalError(`The credential is not for ${url.host}: add the host to it, or choose another.`, {
      code: 'credential_not_for_host',
    });
  }
  switch (credential.type) {
    case 'basic': {
      const pair = Buffer.from(`${credential.username}:${credential.password}`).toString('base64');
      return { headers: { authorization: `Basic ${pair}` }, query: {} };
    }
    case 'bearer':
      return { headers: { authorization: `Bearer ${asHeader(credential.token)}` }, query: {} };
    case 'apiKey': {
      const { name, value } = credential;
      if (credential.in === 'query') return { headers: {}, query: { [name]: value } };
      return { headers: { [name.toLowerCase()]: asHeader(value) }, query: {} };
    }
  }
}

function fits(host: string, { host: called, hostname }: URL): boolean {
  const name = host.includes(':') ? called : hostname;
  return host.startsWith('*.') ? name.endsWith(host.slice(1)) : name === host;
}

/** Headers are byte strings: text goes as UTF-8. */
function asHeader(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
