import { z } from 'zod';
import { decodeJson, type Decoded } from './decode.js';
import type { CredentialId, WorkspaceId } from './ids.js';

/**
 * component → api, on `credentials.refresh`: the tokens of a credential are over, or will be soon. The answer is an
 * `RpcReply` whose value is a `RefreshedCredential`.
 */
export interface RefreshRequest {
  workspaceId: WorkspaceId;
  /** As the component has it. Where another one is stored meanwhile, that is the answer, and nothing is refreshed. */
  credential: { id: CredentialId; sealed: string };
}

/** The credential as it is stored now, sealed for its component. */
export interface RefreshedCredential {
  sealed: string;
}

const schema = z.object({
  workspaceId: z.uuid(),
  credential: z.object({ id: z.uuid(), sealed: z.string().min(1) }),
});

const refreshedSchema = z.object({ sealed: z.string().min(1) });

export function encodeRefreshRequest(request: RefreshRequest): Buffer {
  return Buffer.from(JSON.stringify(request));
}

export function decodeRefreshRequest(body: Buffer): Decoded<RefreshRequest> {
  return decodeJson<RefreshRequest>(body, schema, 'refresh request');
}

/** The value of an answer; `undefined` when it is none. */
export function refreshedCredentialOf(value: unknown): RefreshedCredential | undefined {
  return refreshedSchema.safeParse(value).data;
}
