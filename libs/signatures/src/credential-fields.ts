import { z } from 'zod';
import { keyOf } from './keys.js';
import { presetNames, presets } from './presets.js';
import { hmacFieldFaults } from './hmac-settings.js';

/** A secret is `writeOnly` in the JSON Schema: forms hide it and nothing returns it. */
function secret() {
  return z.string().min(1).max(4_096).meta({ writeOnly: true });
}

function headerName() {
  return z
    .string()
    .max(100)
    .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'not a header name');
}

const previousUntil = z.iso
  .datetime({ offset: true })
  .optional()
  .describe('Until when the previous secret counts, such as 2030-01-31T12:00:00Z; for ever when left out');

export const noneFields = z.strictObject({
  type: z.literal('none').describe('No authentication: anyone who knows the URL can call it'),
});

export const basicFields = z
  .strictObject({
    type: z.literal('basic').describe('Basic authentication: a user name and a password'),
    username: z
      .string()
      .min(1)
      .max(255)
      .regex(/^[^:]+$/, 'a user name has no colon')
      .describe('User name that callers send; it has no colon'),
    password: secret().describe('Password that callers send'),
    previousPassword: secret().optional().describe('Password before this one, which counts as well during a change'),
    previousUntil,
  })
  .superRefine((fields, context) => refuseLoneUntil(fields.previousUntil, fields.previousPassword, context));

export const apiKeyFields = z
  .strictObject({
    type: z.literal('apiKey').describe('API key: a fixed value in a header'),
    headerName: headerName().describe('Header that carries the key, such as X-Api-Key'),
    value: secret().describe('The key; the whole value of the header, such as "Bearer …" for Authorization'),
    queryName: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .describe('Query parameter that may carry the key instead; URLs end up in logs, so leave it out if you can'),
    previousValue: secret().optional().describe('Key before this one, which counts as well during a change'),
    previousUntil,
  })
  .superRefine((fields, context) => refuseLoneUntil(fields.previousUntil, fields.previousValue, context));

export const hmacFields = z
  .strictObject({
    type: z.literal('hmac').describe('HMAC verification: a signature over each request'),
    preset: z
      .enum(presetNames)
      .optional()
      .describe('The sender, if Millrace knows it: all else but the secret is then settled'),
    secret: secret().describe('Secret that signatures are made with, or the public key of the sender'),
    previousSecret: secret().optional().describe('Secret before this one, which counts as well during a change'),
    previousUntil,
    secretEncoding: z
      .enum(['text', 'hex', 'base64'])
      .optional()
      .describe('How the secret is to be read; text when left out'),
    header: headerName().optional().describe('Header with the signature; x-millrace-signature when left out'),
    algorithm: z.enum(['sha256', 'sha1', 'sha512']).optional().describe('Hash of the HMAC; sha256 when left out'),
    encoding: z.enum(['hex', 'base64']).optional().describe('How the signature is written; hex when left out'),
    prefix: z.string().min(1).max(100).optional().describe('Text before the signature, such as sha256='),
    timestampHeader: headerName()
      .optional()
      .describe('Header with the time of sending, in seconds or milliseconds since 1970; it must be signed'),
    toleranceSeconds: z
      .number()
      .int()
      .min(1)
      .max(86_400)
      .optional()
      .describe('How far the time of sending may be from now; 300 when left out'),
    idHeader: headerName().optional().describe('Header with the id of the message, for {id}'),
    signedContent: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .describe(
        'What is signed, from {body}, {timestamp}, {id}, {method}, {url}, {header:name} and text between them; ' +
          '{body} when left out, {timestamp}.{body} with a timestamp',
      ),
  })
  .superRefine((fields, context) => {
    refuseLoneUntil(fields.previousUntil, fields.previousSecret, context);
    for (const { field, message } of hmacFieldFaults(fields)) {
      context.addIssue({ code: 'custom', path: [field], message });
    }
    for (const field of ['secret', 'previousSecret'] as const) {
      const text = fields[field];
      if (text === undefined || isKey(text, fields)) continue;
      context.addIssue({ code: 'custom', path: [field], message: `not a secret of this kind: ${kindOf(fields)}` });
    }
  });

type HmacFields = Pick<z.infer<typeof hmacFields>, 'preset' | 'secretEncoding'>;

function isKey(text: string, { preset, secretEncoding }: HmacFields): boolean {
  const forms = preset ? presets[preset].schemes.map(({ key }) => key) : [secretEncoding ?? 'text'];
  return forms.some((form) => keyOf(text, form) !== undefined);
}

function kindOf({ preset, secretEncoding }: HmacFields): string {
  return preset ? `it is ${presets[preset].secret}` : `it is read as ${secretEncoding ?? 'text'}`;
}

function refuseLoneUntil(until: string | undefined, previous: string | undefined, context: z.RefinementCtx): void {
  if (until === undefined || previous !== undefined) return;
  context.addIssue({ code: 'custom', path: ['previousUntil'], message: 'there is no previous secret' });
}
