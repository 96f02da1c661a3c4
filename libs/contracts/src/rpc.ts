import { z } from 'zod';
import { decodeJson, type Decoded } from './decode.js';
import type { CredentialId, WorkspaceId } from './ids.js';
import type { StepError } from './result-message.js';

/** api → component, on `rpc.<component>`: a question with a caller who waits. */
export type RpcRequest = {
  call: 'verifyCredential';
  workspaceId: WorkspaceId;
  credential: { id: CredentialId; sealed: string };
  timeoutMs: number;
};

export type RpcReply = { ok: true; value: unknown } | { ok: false; error: StepError };

const requestSchema = z.discriminatedUnion('call', [
  z.object({
    call: z.literal('verifyCredential'),
    workspaceId: z.string(),
    credential: z.object({ id: z.string(), sealed: z.string() }),
    timeoutMs: z.number().int().positive(),
  }),
]);

const replySchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({
    ok: z.literal(false),
    error: z.object({ code: z.string(), message: z.string(), detail: z.unknown() }),
  }),
]);

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
