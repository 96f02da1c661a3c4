import { z } from 'zod';
import { decodeJson, type Decoded } from './decode.js';
import type { CredentialId, WorkspaceId } from './ids.js';
import type { Json, JsonObject } from './json.js';
import type { StepError } from './result-message.js';

interface Question {
  workspaceId: WorkspaceId;
  timeoutMs: number;
}

type Sealed = { id: CredentialId; sealed: string };

/** What is known of a step while somebody sets it up; it need not be complete. */
interface FormQuestion extends Question {
  operation: string;
  credential: Sealed | null;
  config: JsonObject;
}

export interface VerifyCredentialRequest extends Question {
  call: 'verifyCredential';
  credential: Sealed;
}

/** Asks for one output of an operation. The answer is a `SampleReply`. */
export interface RetrieveSampleRequest extends FormQuestion {
  call: 'retrieveSample';
  /** What the mapping of the step makes of the samples before it. */
  input: Json;
  /** Runs the action for real, with all that it does, where it has no other way to give a sample. */
  run: boolean;
}

/** Asks for the values that a field may have. The answer is an `OptionsReply`. */
export interface ListOptionsRequest extends FormQuestion {
  call: 'listOptions';
  list: string;
  input: Json;
  /** A part of the label that is looked for; empty for all. */
  search: string;
  /** `nextCursor` of the page before; null for the first one. */
  cursor: string | null;
}

/** Asks for the whole of a schema that is computed. The answer is a `SchemaReply`. */
export interface ReadSchemaRequest extends FormQuestion {
  call: 'readSchema';
  of: 'input' | 'output';
}

/** api → component, on `rpc.<component>`: a question with a caller who waits. */
export type RpcRequest = VerifyCredentialRequest | RetrieveSampleRequest | ListOptionsRequest | ReadSchemaRequest;

export type RpcReply = { ok: true; value: unknown } | { ok: false; error: StepError };

/** Not found: the real system has nothing of the kind. */
export type SampleReply = { found: true; output: Json } | { found: false };

/** One value that a field may have. */
export interface FieldOption {
  value: string | number | boolean;
  label: string;
  description?: string | undefined;
}

export interface OptionsReply {
  items: FieldOption[];
  /** Null on the last page. */
  nextCursor: string | null;
}

export interface SchemaReply {
  schema: JsonObject;
}

const question = { workspaceId: z.string(), timeoutMs: z.number().int().positive() };
const sealed = z.object({ id: z.string(), sealed: z.string() });
const form = {
  ...question,
  operation: z.string(),
  credential: sealed.nullable(),
  config: z.record(z.string(), z.unknown()),
};

const requestSchema = z.discriminatedUnion('call', [
  z.object({ call: z.literal('verifyCredential'), ...question, credential: sealed }),
  z.object({ call: z.literal('retrieveSample'), ...form, input: z.unknown(), run: z.boolean() }),
  z.object({
    call: z.literal('listOptions'),
    ...form,
    list: z.string(),
    input: z.unknown(),
    search: z.string(),
    cursor: z.string().nullable(),
  }),
  z.object({ call: z.literal('readSchema'), ...form, of: z.enum(['input', 'output']) }),
]);

const replySchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({
    ok: z.literal(false),
    error: z.object({ code: z.string(), message: z.string(), detail: z.unknown() }),
  }),
]);

const values = {
  retrieveSample: z.discriminatedUnion('found', [
    z.object({ found: z.literal(true), output: z.unknown() }),
    z.object({ found: z.literal(false) }),
  ]),
  listOptions: z.object({
    items: z.array(
      z.object({
        value: z.union([z.string(), z.number(), z.boolean()]),
        label: z.string(),
        description: z.string().optional(),
      }),
    ),
    nextCursor: z.string().nullable(),
  }),
  readSchema: z.object({ schema: z.record(z.string(), z.unknown()) }),
};

interface Values {
  retrieveSample: SampleReply;
  listOptions: OptionsReply;
  readSchema: SchemaReply;
}

export function encodeRpcRequest(request: RpcRequest): Buffer {
  return Buffer.from(JSON.stringify(request));
}

export function decodeRpcRequest(body: Buffer): Decoded<RpcRequest> {
  return decodeJson<RpcRequest>(body, requestSchema, 'call');
}

export function encodeRpcReply(reply: RpcReply): Buffer {
  return Buffer.from(JSON.stringify(reply));
}

export function decodeRpcReply(body: Buffer): Decoded<RpcReply> {
  return decodeJson<RpcReply>(body, replySchema, 'reply');
}

/** The value of an answer to one of these calls; `undefined` when it is none. */
export function rpcValue<Call extends keyof Values>(call: Call, value: unknown): Values[Call] | undefined {
  const read = values[call].safeParse(value);
  return read.success ? (read.data as Values[Call]) : undefined;
}
