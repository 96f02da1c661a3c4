import { assertNever, type WorkspaceId } from '@millrace/contracts';
import { credentialUsers, type CredentialEntity } from '@millrace/persistence';
import type { ApiDeps } from '../deps.js';
import { problem } from '../http/problems.js';
import type { CredentialNotStored } from './credential-changes.js';
import type { Credential } from './schemas.js';

/** The credential is not there, or is another workspace's. */
export function missing(): ReturnType<typeof problem> {
  return problem('not_found', { detail: 'There is no credential of this id.' });
}

/** Why a credential was not stored, as the problem that is answered. */
export function refusal(
  refused: CredentialNotStored,
  component: string,
  verifyWithinMs: number,
): ReturnType<typeof problem> {
  switch (refused.outcome) {
    case 'missing':
      return missing();
    case 'unknownComponent':
      return problem('unknown_component', {
        detail: `No component “${component}” has announced itself. GET /v1/components lists those that have.`,
      });
    case 'abandoned':
      return problem('verification_timeout', { detail: 'Nothing was changed: the caller did not wait for the check.' });
    case 'notTaken':
      return problem('credential_not_taken', { detail: `The component “${component}” works without a credential.` });
    case 'invalid': {
      const problems = refused.problems.map((field) => ({ ...field, pointer: `/fields${field.pointer}` }));
      const name = (pointer: string) => pointer.slice(1).replaceAll('/', '.');
      const detail = problems.map(({ pointer, message }) => `\`${name(pointer)}\` ${message}`).join('; ');
      return problem('validation_failed', { detail, extra: { problems } });
    }
    case 'refused': {
      const { code, message } = refused.reason;
      return problem('credential_refused', { detail: message, extra: { reason: { code, message } } });
    }
    case 'undecided':
      return problem('verification_timeout', {
        detail: `${refused.message.replace(/\.$/, '')}. Nothing was changed: try again once its system answers.`,
      });
    case 'unavailable':
      return problem('component_unavailable', {
        detail: `The component “${component}” cannot be asked at the moment, so nothing was changed. Check that it runs and try again.`,
        headers: { 'retry-after': '10' },
      });
    case 'timeout': {
      const seconds = Math.round(verifyWithinMs / 1_000);
      const detail = `The component “${component}” did not answer within ${seconds} seconds, so nothing was changed. Check that it runs and that it can reach its system.`;
      return problem('component_timeout', { detail });
    }
    default:
      return assertNever(refused);
  }
}

/** Credentials as they are answered: without their fields, and with the flows that use them. */
export async function credentialViews(
  { database }: Pick<ApiDeps, 'database'>,
  workspaceId: WorkspaceId,
  credentials: readonly CredentialEntity[],
): Promise<Credential[]> {
  const ids = credentials.map(({ id }) => id);
  const users = await credentialUsers(database.dataSource.manager, workspaceId, ids);
  return credentials.map(({ id, component, name, status, failure, verifiedAt, createdAt, updatedAt }) => ({
    id,
    component,
    name,
    status,
    failure,
    verifiedAt: verifiedAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    usedBy: users.get(id) ?? [],
  }));
}

/** One credential as it is answered. */
export async function credentialView(
  deps: Pick<ApiDeps, 'database'>,
  credential: CredentialEntity,
): Promise<Credential> {
  const [view] = await credentialViews(deps, credential.workspaceId, [credential]);
  if (!view) throw new Error('a credential was not shown');
  return view;
}
