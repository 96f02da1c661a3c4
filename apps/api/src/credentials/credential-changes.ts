import { newId, type CredentialId, type JsonObject, type WorkspaceId } from '@millrace/contracts';
import { createMask, openCredential, sealCredential, secretsOf, type Mask } from '@millrace/credentials';
import {
  componentRepository,
  credentialRepository,
  flowRepository,
  type ComponentEntity,
  type CredentialEntity,
  type CredentialStatus,
} from '@millrace/persistence';
import type { FieldProblem } from '@millrace/platform';
import type { ApiDeps } from '../deps.js';
import { isOver } from '../oauth2/oauth2-fields.js';
import { refreshCredential } from '../oauth2/refresh-credential.js';
import { credentialFieldProblems } from './field-problems.js';
import { verifyCredential, type Verification } from './verify-credential.js';

type Deps = Pick<
  ApiDeps,
  'database' | 'credentialKey' | 'askComponent' | 'verifyWithinMs' | 'invalidate' | 'askTokenEndpoint' | 'logger'
>;

/** Why fields were not stored. */
export type FieldsRefused =
  | { outcome: 'notTaken' }
  | { outcome: 'invalid'; problems: FieldProblem[] }
  | Exclude<Verification, { outcome: 'verified' }>;

interface Checked {
  outcome: 'checked';
  sealed: string;
  status: CredentialStatus;
  verifiedAt: Date | null;
}

export interface CredentialInput {
  component: string;
  name: string;
  fields: JsonObject;
}

export type CredentialNotStored =
  /** It is gone, or its component has never announced itself. */
  { outcome: 'missing' | 'unknownComponent' } | FieldsRefused;

export type CredentialStorage = { outcome: 'stored'; credential: CredentialEntity } | CredentialNotStored;

/** Stores a credential after its component has verified it; nothing is stored when it is refused. */
export async function createCredential(
  deps: Deps,
  workspaceId: WorkspaceId,
  input: CredentialInput,
): Promise<CredentialStorage> {
  const { manager } = deps.database.dataSource;
  const component = await componentRepository(manager).find(input.component);
  if (!component) return { outcome: 'unknownComponent' };
  const id = newId<CredentialId>();
  const checked = await checkFields(deps, { workspaceId, component, id, fields: input.fields });
  if (checked.outcome !== 'checked') return checked;
  const { outcome: _outcome, ...sealing } = checked;
  const credentials = credentialRepository(manager);
  await credentials.create(workspaceId, { id, component: component.name, name: input.name, ...sealing });
  return stored(deps, workspaceId, id);
}

/** Renames a credential, replaces all its fields after verifying the new ones, or both. */
export async function changeCredential(
  deps: Deps,
  credential: CredentialEntity,
  change: { name?: string | undefined; fields?: JsonObject | undefined },
): Promise<CredentialStorage> {
  const { manager } = deps.database.dataSource;
  const { workspaceId, id } = credential;
  const credentials = credentialRepository(manager);
  let sealing: Partial<Omit<Checked, 'outcome'>> = {};
  if (change.fields) {
    const component = await componentRepository(manager).find(credential.component);
    if (!component) return { outcome: 'unknownComponent' };
    const checked = await checkFields(deps, { workspaceId, component, id, fields: change.fields });
    if (checked.outcome !== 'checked') return checked;
    const { outcome: _outcome, ...rest } = checked;
    sealing = rest;
  }
  const changed = await credentials.change(workspaceId, id, {
    ...sealing,
    ...(change.name !== undefined && { name: change.name }),
  });
  return changed ? stored(deps, workspaceId, id) : { outcome: 'missing' };
}

/** Lets the component check a stored credential again and notes the outcome. */
export async function recheckCredential(
  deps: Deps,
  credential: CredentialEntity,
): Promise<{ outcome: 'checked'; credential: CredentialEntity } | CredentialNotStored> {
  const { manager } = deps.database.dataSource;
  const component = await componentRepository(manager).find(credential.component);
  if (!component) return { outcome: 'unknownComponent' };
  const credentials = credentialRepository(manager);
  const { credentials: descriptor } = component.descriptor;
  if (descriptor?.verifies) {
    const fields = openStored(deps, credential);
    // What is refused because its time is over says nothing of the credential.
    const present = isOver(fields) ? await refreshedOrSame(deps, credential) : credential;
    const mask = maskOf(descriptor.fields, present === credential ? fields : openStored(deps, present));
    const verification = await verifyCredential(deps, present, mask);
    if (verification.outcome === 'refused') await credentials.noteCheck(credential.workspaceId, present, 'failing');
    if (verification.outcome !== 'verified') return verification;
    await credentials.noteCheck(credential.workspaceId, present, 'verified');
  }
  const { workspaceId, id } = credential;
  return { outcome: 'checked', credential: (await credentials.find(workspaceId, id)) ?? credential };
}

async function refreshedOrSame(deps: Deps, credential: CredentialEntity): Promise<CredentialEntity> {
  const { workspaceId, id } = credential;
  await refreshCredential(deps, { workspaceId, credential });
  return (await credentialRepository(deps.database.dataSource.manager).find(workspaceId, id)) ?? credential;
}

export type CredentialRemoval =
  | { outcome: 'removed' }
  | { outcome: 'missing' }
  | { outcome: 'inUse'; flows: { id: string; name: string }[] };

/** Deletes a credential unless a running flow needs it. No flow can start to need it meanwhile. */
export async function removeCredential(
  deps: Deps,
  workspaceId: WorkspaceId,
  id: CredentialId,
): Promise<CredentialRemoval> {
  const removal = await deps.database.dataSource.transaction(async (manager): Promise<CredentialRemoval> => {
    const credentials = credentialRepository(manager);
    if (!(await credentials.lock(workspaceId, id))) return { outcome: 'missing' };
    const flows = await flowRepository(manager).activeUsers(workspaceId, id);
    if (flows.length > 0) return { outcome: 'inUse', flows };
    await credentials.remove(workspaceId, id);
    return { outcome: 'removed' };
  });
  if (removal.outcome === 'removed') await deps.invalidate({ credentialIds: [id] });
  return removal;
}

async function stored(deps: Deps, workspaceId: WorkspaceId, id: CredentialId): Promise<CredentialStorage> {
  await deps.invalidate({ credentialIds: [id] });
  const credential = await credentialRepository(deps.database.dataSource.manager).find(workspaceId, id);
  return credential ? { outcome: 'stored', credential } : { outcome: 'missing' };
}

async function checkFields(
  deps: Deps,
  given: { workspaceId: WorkspaceId; component: ComponentEntity; id: CredentialId; fields: JsonObject },
): Promise<Checked | FieldsRefused> {
  const { workspaceId, component, id, fields } = given;
  const { name, descriptor } = component;
  if (!descriptor.credentials) return { outcome: 'notTaken' };
  const problems = credentialFieldProblems(descriptor.credentials.fields, fields);
  if (problems.length > 0) return { outcome: 'invalid', problems };
  const key = deps.credentialKey(name);
  const sealed = sealCredential({ key, fields, workspaceId, credentialId: id, component: name });
  if (!descriptor.credentials.verifies) return { outcome: 'checked', sealed, status: 'unverified', verifiedAt: null };
  const mask = maskOf(descriptor.credentials.fields, fields);
  const verification = await verifyCredential(deps, { workspaceId, component: name, id, sealed }, mask);
  if (verification.outcome !== 'verified') return verification;
  return { outcome: 'checked', sealed, status: 'verified', verifiedAt: new Date() };
}

// What a component says of a credential may repeat what it was given.
function maskOf(schema: JsonObject, fields: JsonObject): Mask {
  return createMask(secretsOf(schema, fields));
}

function openStored(deps: Deps, credential: CredentialEntity): JsonObject {
  const { workspaceId, id: credentialId, component, sealed } = credential;
  return openCredential({ workspaceId, credentialId, component, sealed, keys: deps.credentialKey(component) });
}
