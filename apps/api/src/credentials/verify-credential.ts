import type { CredentialId, RpcReply, RpcRequest, WorkspaceId } from '@millrace/contracts';
import type { Mask } from '@millrace/credentials';

/** What became of a question to a component. */
export type ComponentAnswer =
  | { outcome: 'answered'; reply: RpcReply }
  /** There is nobody to ask: its queue does not exist, or the broker is away. */
  | { outcome: 'unavailable' }
  | { outcome: 'timeout' };

/** Puts a question to a component and waits for the answer up to the bound. Never rejects. */
export type AskComponent = (component: string, request: RpcRequest, timeoutMs: number) => Promise<ComponentAnswer>;

export type Verification =
  | { outcome: 'verified' }
  | { outcome: 'refused'; reason: { code: string; message: string } }
  /** The component could not find out in time; it says what it waited for. */
  | { outcome: 'undecided'; message: string }
  | { outcome: 'unavailable' | 'timeout' };

export interface CredentialToVerify {
  workspaceId: WorkspaceId;
  component: string;
  id: CredentialId;
  sealed: string;
}

/** What verification needs; the caller waits at most `verifyWithinMs`. */
export interface VerifyDeps {
  askComponent: AskComponent;
  verifyWithinMs: number;
}

/** The part of the time that the component has; the rest is for the way there and back. */
const componentShare = 0.9;

/** What a component answers when the real system kept it waiting for all of its time. */
const timeoutCode = 'timeout';

/** What the runtime of a component answers when its schema refuses the fields. */
const fieldsCode = 'credential_invalid';

/** Lets a component check a sealed credential against the real system. The reason of a refusal is masked. */
export async function verifyCredential(
  deps: VerifyDeps,
  credential: CredentialToVerify,
  mask: Mask,
): Promise<Verification> {
  const { workspaceId, component, id, sealed } = credential;
  const timeoutMs = Math.round(deps.verifyWithinMs * componentShare);
  const answer = await deps.askComponent(
    component,
    { call: 'verifyCredential', workspaceId, credential: { id, sealed }, timeoutMs },
    deps.verifyWithinMs,
  );
  if (answer.outcome !== 'answered') return answer;
  if (answer.reply.ok) return { outcome: 'verified' };
  const { code, message } = answer.reply.error;
  if (code === timeoutCode) return { outcome: 'undecided', message: mask(message) };
  // Of the fields themselves the component's runtime speaks, which has masked what depends on a secret.
  return { outcome: 'refused', reason: { code, message: code === fieldsCode ? message : mask(message) } };
}
