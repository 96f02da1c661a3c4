import { assertNever, type JsonObject, type WorkspaceId } from '@millrace/contracts';
import { componentRepository, credentialUsers, type CredentialEntity } from '@millrace/persistence';
import type { ApiDeps } from '../deps.js';
import { problem } from '../http/problems.js';
import type { CredentialNotStored } from './credential-changes.js';
import { kindOf } from './kind-of.js';
import type { Credential } from './schemas.js';
import { storedFields } from './stored-fields.js';

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

type ViewDeps = Pick<ApiDeps, 'database' | 'credentialKey'>;

/** Credentials as they are answered: without their fields but for what kind they are of, and with the flows that use them. */
export async function credentialViews(
  deps: ViewDeps,
  workspaceId: WorkspaceId,
  credentials: readonly CredentialEntity[],
): Promise<Credential[]> {
  const ids = credentials.map(({ id }) => id);
  const { manager } = deps.database.dataSource;
  const users = await credentialUsers(manager, workspaceId, ids);
  const components = await componentRepository(manager).findAll(credentials.map(({ component }) => component));
  const schemas = new Map(components.map(({ name, descriptor }) => [name, descriptor.credentials?.fields]));
  return credentials.map((credential) => {
    const { id, component, name, status, failure, verifiedAt, createdAt, updatedAt } = credential;
    return {
      id,
      component,
      name,
      ...shownKind(deps, credential, schemas.get(component)),
      status,
      failure,
      verifiedAt: verifiedAt?.toISOString() ?? null,
      createdAt: createdAt.toISOString(),
      updatedAt: updatedAt.toISOString(),
      usedBy: users.get(id) ?? [],
    };
  });
}

const unknownKind = { type: null, preset: null };

/** Also null where the fields were sealed with a key that is gone, which a check says, and where nobody tells what is secret. */
function shownKind(
  deps: ViewDeps,
  credential: CredentialEntity,
  schema: JsonObject | undefined,
): Pick<Credential, 'type' | 'preset'> {
  const fields = schema && storedFields(deps, credential);
  return fields ? kindOf(schema, fields) : unknownKind;
}

/** One credential as it is answered. */
export async function credentialView(deps: ViewDeps, credential: CredentialEntity): Promise<Credential> {
  const [view] = await credentialViews(deps, credential.workspaceId, [credential]);
  if (!view) throw new Error('a credential was not shown');
  return view;
}
