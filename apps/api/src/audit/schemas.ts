import type { UserId } from '@millrace/contracts';
import { auditActions } from '@millrace/persistence';
import { z } from 'zod';
import { idField, listOf, pageFields, timeField, timeQuery } from '../http/fields.js';

const action = z.enum(auditActions).describe('what was done').meta({ id: 'AuditAction' });

export const auditQuery = z.object({
  actor: idField<UserId>('user').optional().describe('only what this user did, by an API token, too'),
  action: action.optional().describe('only this act'),
  entity: idField<string>('flow, credential, user …').optional().describe('only what was done to this'),
  from: timeQuery.optional().describe('only from then on'),
  to: timeQuery.optional().describe('only before then'),
  ...pageFields,
});

const fieldChange = z
  .object({
    field: z.string().describe('a name, or a JSON pointer into a draft, with steps by their ids'),
    before: z.json().optional(),
    after: z.json().optional(),
  })
  .describe('without values where they are secret or may be')
  .meta({ id: 'FieldChange' });

export const auditEntry = z
  .object({
    id: z.uuid(),
    at: timeField,
    lastAt: timeField.describe('differs from `at` where saves of a draft within ten minutes are gathered'),
    count: z.int().describe('how many acts the entry stands for'),
    actor: z
      .object({
        userId: z.uuid(),
        email: z.string().describe('as it was then'),
        apiToken: z
          .object({ id: z.uuid(), name: z.string() })
          .nullable()
          .describe('the API token that acted for the user'),
      })
      .nullable()
      .describe('null where nobody was signed in'),
    action,
    entity: z.object({
      type: z.string().describe('what `action` begins with'),
      id: z.uuid().nullable(),
      name: z.string().nullable().describe('as it was then'),
    }),
    changes: z.array(fieldChange),
    address: z.string().describe('the network address that the request came from'),
    requestId: z.string().describe('the `x-request-id` of its answer'),
  })
  .meta({
    id: 'AuditEntry',
    example: {
      id: '0195b6a0-f3c5-7d1e-8a4b-2c6d9e0f1a2b',
      at: '2026-01-31T09:00:00.000Z',
      lastAt: '2026-01-31T09:00:00.000Z',
      count: 1,
      actor: { userId: '0195b6a0-f3c5-7d1e-8a4b-2c6d9e0f1a2c', email: 'grace@example.com', apiToken: null },
      action: 'flow.started',
      entity: { type: 'flow', id: '0195b6a0-f3c5-7d1e-8a4b-2c6d9e0f1a2d', name: 'Pets' },
      changes: [{ field: 'status', before: 'stopped', after: 'running' }],
      address: '192.0.2.7',
      requestId: '0195b6a0-f3c5-7d1e-8a4b-2c6d9e0f1a2e',
    },
  });

export const auditList = listOf(auditEntry, 'AuditList');

export type AuditEntry = z.output<typeof auditEntry>;
export type AuditList = z.output<typeof auditList>;
