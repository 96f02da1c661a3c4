import type { CredentialId } from '@millrace/contracts';
import { z } from 'zod';
import { idField } from '../http/fields.js';

const known = {
  credentialId: idField<CredentialId>('credential').nullable().default(null),
  config: z.record(z.string(), z.json()).default({}).describe('what is filled in of the configuration so far'),
};

export const optionsBody = z
  .strictObject({
    list: z.string().max(100).describe('`optionsFrom` of the field'),
    ...known,
    input: z
      .record(z.string(), z.json())
      .default({})
      .describe('values of input fields, as far as they are known; only those in `dependsOn` of the list matter'),
    search: z.string().max(200).default('').describe('a part of the label or value; empty for all'),
    cursor: z.string().max(2_000).nullable().default(null).describe('`nextCursor` of the page before'),
  })
  .meta({
    id: 'ListOptions',
    example: { list: 'statuses', credentialId: '0195b6a0-f3c5-7d1e-8a4b-2c6d9e0f1a2b', search: 'avail' },
  });

const option = z
  .object({
    value: z.union([z.string(), z.number(), z.boolean()]),
    label: z.string(),
    description: z.string().optional(),
  })
  .meta({ id: 'FieldOption' });

export const optionList = z
  .object({
    items: z.array(option),
    nextCursor: z.string().nullable().describe('ask the next page with it; null on the last one'),
  })
  .meta({
    id: 'OptionList',
    example: { items: [{ value: 'available', label: 'Available' }], nextCursor: null },
  });

export const schemaBody = z
  .strictObject({ of: z.enum(['input', 'output']), ...known })
  .meta({ id: 'ReadSchema', example: { of: 'input', config: { board: 'b1' } } });

export const operationSchema = z
  .object({ schema: z.record(z.string(), z.json()).describe('JSON Schema 2020-12') })
  .meta({ id: 'OperationSchema', example: { schema: { type: 'object', properties: { name: { type: 'string' } } } } });

export type OptionList = z.output<typeof optionList>;
export type OperationSchema = z.output<typeof operationSchema>;
