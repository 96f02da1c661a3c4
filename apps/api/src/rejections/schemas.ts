import type { FlowId } from '@millrace/contracts';
import { z } from 'zod';
import { idField, listOf, pageFields, timeField, timeQuery } from '../http/fields.js';

const rejectionFields = {
  reason: z.string().max(100).optional().describe('only requests that were refused for this reason'),
  from: timeQuery.optional().describe('only requests that came then or later, ISO 8601'),
  to: timeQuery.optional().describe('only requests that came before, ISO 8601'),
  ...pageFields,
};

export const rejectionQuery = z.object(rejectionFields);
export const workspaceRejectionQuery = z.object({
  flowId: idField<FlowId>('flow').optional().describe('only those to this flow'),
  ...rejectionFields,
});

const rejection = z
  .object({
    id: z.uuid(),
    flowId: z.uuid(),
    requestId: z.string().describe('the id that the sender was answered with'),
    receivedAt: timeField,
    status: z.int().describe('the HTTP status that it was answered with'),
    reason: z.string().describe('stable; branch on it'),
    message: z.string().describe('the reason for a person'),
    method: z.string(),
    path: z.string().describe('what followed the id of the flow in the URL'),
    headers: z.record(z.string(), z.json()).describe('secrets in it are masked'),
    bodyBytes: z.int().nullable().describe('null when the body was not read'),
    bodySha256: z.string().nullable().describe('in hex; null when the body was not read'),
  })
  .meta({
    id: 'Rejection',
    example: {
      id: '0195b6a0-f3c5-7d1e-8a4b-2c6d9e0f1a2b',
      flowId: '0195b6a0-0000-7000-8000-2c6d9e0f1a2b',
      requestId: '0195b6a0f3c57d1e8a4b2c6d9e0f1a2b',
      receivedAt: '2026-01-31T12:00:00.000Z',
      status: 401,
      reason: 'unauthorized',
      message: 'The signature does not fit the body.',
      method: 'POST',
      path: '/orders',
      headers: { 'content-type': 'application/json', authorization: '***' },
      bodyBytes: 42,
      bodySha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    },
  });

export const rejectionList = listOf(rejection, 'RejectionList');

export type Rejection = z.output<typeof rejection>;
export type RejectionList = z.output<typeof rejectionList>;
