import { z } from 'zod';
import { listOf, nameField, pageFields, timeField } from '../http/fields.js';
import { roleField } from '../users/schemas.js';

const example = {
  id: '0195b6a0-f3c5-7d1e-8a4b-2c6d9e0f1a2b',
  name: 'Deployment',
  role: 'member',
  prefix: 'mrt_3q2-7w',
  createdBy: { id: '0195b6a0-f3c5-7d1e-8a4b-2c6d9e0f1a2c', email: 'grace@example.com' },
  createdAt: '2026-01-31T09:00:00.000Z',
  expiresAt: null,
  expired: false,
  lastUsedAt: null,
} as const;

export const apiTokenSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    role: roleField,
    prefix: z.string().describe('how the token begins'),
    createdBy: z.object({ id: z.uuid(), email: z.string() }).describe('whom it acts for; it ends with this user'),
    createdAt: timeField,
    expiresAt: timeField.nullable().describe('null: good until it is deleted'),
    expired: z.boolean(),
    lastUsedAt: timeField.nullable().describe('to the minute'),
  })
  .meta({ id: 'ApiToken', example });

export const apiTokenList = listOf(apiTokenSchema, 'ApiTokenList');
export const apiTokenQuery = z.object(pageFields);

export const newApiToken = apiTokenSchema
  .extend({ token: z.string().describe('send it as `Authorization: Bearer TOKEN`; it is shown only here') })
  .meta({ id: 'NewApiToken', example: { ...example, token: 'mrt_3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' } });

export const createApiTokenBody = z
  .strictObject({
    name: nameField,
    role: roleField.default('member'),
    expiresAt: z.iso
      .datetime({ offset: true, error: 'must be an ISO 8601 time, such as 2026-12-31T00:00:00Z' })
      .transform((text) => new Date(text))
      .nullable()
      .default(null)
      .describe('null: good until it is deleted'),
  })
  .meta({ id: 'CreateApiToken', example: { name: 'Deployment', role: 'member', expiresAt: '2026-12-31T00:00:00Z' } });

export type ApiToken = z.output<typeof apiTokenSchema>;
export type ApiTokenList = z.output<typeof apiTokenList>;
export type NewApiToken = z.output<typeof newApiToken>;
