import { newId, type CredentialId, type JsonObject, type WorkspaceId } from '@millrace/contracts';
import { createMask, sealCredential, secretsOf, type Mask } from '@millrace/credentials';
import {
  componentRepository,
  credentialRepository,
  flowRepository,
  noteAct,
  type Actor,
  type ComponentEntity,
  type CredentialEntity,
  type CredentialStatus,
} from '@millrace/persistence';
import type { FieldProblem } from '@millrace/platform';
import type { ApiDeps } from '../deps.js';
import { fieldChanges } from '../http/field-changes.js';
import { isOver } from '../oauth2/oauth2-fields.js';
import { refreshCredential } from '../oauth2/refresh-credential.js';
import { longestFailure } from './failure-length.js';
import { credentialFieldProblems } from './field-problems.js';
import { storedFields, unreadableWords } from './stored-fields.js';
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
  | { outcome: 'missing' | 'unknownComponent' }
  /** Whoever asked for it has gone away while it was checked: nobody is there to be told what came of it. */
  | { outcome: 'abandoned' }
  | FieldsRefused;

/** Tells whether whoever asked still waits for the answer; without it that is taken for granted. */
export interface Asking {
  isAwaited?: () => boolean;
}

export type CredentialStorage = { outcome: 'stored'; credential: CredentialEntity } | CredentialNotStored;

/**
 * Stores a credential after its component has verified it. Nothing is stored when it is refused, nor when the caller did not
 * wait for that: a person who stopped the check would find a credential that was not wanted any more.
 */
export async function createCredential(
  deps: Deps,
  actor: Actor,
  input: CredentialInput & Asking,
): Promise<CredentialStorage> {
  const { workspaceId } = actor;
  const { manager } = deps.database.dataSource;
  const component = await componentRepository(manager).find(input.component);
  if (!component) return { outcome: 'unknownComponent' };
  const id = newId<CredentialId>();
  const checked = await checkFields(deps, { workspaceId, component, id, fields: input.fields });
  if (checked.outcome !== 'checked') return checked;
  if (input.isAwaited?.() === false) return { outcome: 'abandoned' };
  const { outcome: _outcome, ...sealing } = checked;
  const { name } = input;
  await deps.database.dataSource.transaction(async (within) => {
    await credentialRepository(within).create(workspaceId, { id, component: component.name, name, ...sealing });
    const changes = fieldChanges({}, { component: component.name, name, status: sealing.status });
    await noteAct(within, actor, { action: 'credential.created', entityId: id, entityName: name, changes });
  });
  return stored(deps, workspaceId, id);
}

/** Renames a credential, replaces all its fields after verifying the new ones, or both. */
export async function changeCredential(
  deps: Deps,
  actor: Actor,
  credential: CredentialEntity,
  change: { name?: string | undefined; fields?: JsonObject | undefined } & Asking,
): Promise<CredentialStorage> {
  const { manager } = deps.database.dataSource;
  const { workspaceId, id } = credential;
  let sealing: Partial<Omit<Checked, 'outcome'>> = {};
  if (change.fields) {
    const component = await componentRepository(manager).find(credential.component);
    if (!component) return { outcome: 'unknownComponent' };
    const checked = await checkFields(deps, { workspaceId, component, id, fields: change.fields });
    if (checked.outcome !== 'checked') return checked;
    if (change.isAwaited?.() === false) return { outcome: 'abandoned' };
    const { outcome: _outcome, ...rest } = checked;
    sealing = rest;
  }
  const { name } = change;
  const changed = await deps.database.dataSource.transaction(async (within) => {
    const credentials = credentialRepository(within);
    const before = await credentials.lockForRefresh(workspaceId, id);
    if (!before) return false;
    await credentials.change(workspaceId, id, { ...sealing, ...(name !== undefined && { name }) });
    // The fields are secret: that they are others is all there is to say.
    const changes = [
      ...fieldChanges({ name: before.name, status: before.status }, { name, status: sealing.status }),
      ...(change.fields ? [{ field: 'fields' }] : []),
    ];
    const entityName = name ?? before.name;
    await noteAct(within, actor, { action: 'credential.changed', entityId: id, entityName, changes });
    return true;
  });
  return changed ? stored(deps, workspaceId, id) : { outcome: 'missing' };
}

/** Lets the component check a stored credential again and notes the outcome. */
export async function recheckCredential(
  deps: Deps,
  actor: Actor,
  credential: CredentialEntity,
): Promise<{ outcome: 'checked'; credential: CredentialEntity } | CredentialNotStored> {
  const { manager } = deps.database.dataSource;
  const component = await componentRepository(manager).find(credential.component);
  if (!component) return { outcome: 'unknownComponent' };
  const credentials = credentialRepository(manager);
  const { credentials: descriptor } = component.descriptor;
  const fields = storedFields(deps, credential);
  if (!fields) return unreadable(deps, actor, credential);
  if (descriptor?.verifies) {
    // What is refused because its time is over says nothing of the credential.
    const present = isOver(fields) ? await refreshedOrSame(deps, credential) : credential;
    const presentFields = present === credential ? fields : storedFields(deps, present);
    if (!presentFields) return unreadable(deps, actor, present);
    const mask = maskOf(descriptor.fields, presentFields);
    const verification = await verifyCredential(deps, present, mask);
    if (verification.outcome === 'refused') await noteRefusal(deps, actor, present, verification.reason.message);
    if (verification.outcome !== 'verified') return verification;
    await noteCheck(deps, actor, present, { status: 'verified', failure: null });
  }
  const { workspaceId, id } = credential;
  return { outcome: 'checked', credential: (await credentials.find(workspaceId, id)) ?? credential };
}

/** No component can read it either: what it would say is known without asking. */
async function unreadable(deps: Deps, actor: Actor, credential: CredentialEntity): Promise<FieldsRefused> {
  await noteRefusal(deps, actor, credential, unreadableWords);
  return { outcome: 'refused', reason: { code: 'credential_unreadable', message: unreadableWords } };
}

function noteRefusal(deps: Deps, actor: Actor, credential: CredentialEntity, reason: string): Promise<void> {
  return noteCheck(deps, actor, credential, { status: 'failing', failure: reason.slice(0, longestFailure) });
}

async function noteCheck(
  { database }: Deps,
  actor: Actor,
  credential: CredentialEntity,
  check: { status: CredentialStatus; failure: string | null },
): Promise<void> {
  await database.dataSource.transaction(async (manager) => {
    if (!(await credentialRepository(manager).noteCheck(credential.workspaceId, credential, check))) return;
    const { id, name, status: before } = credential;
    const changes = [{ field: 'status', before, after: check.status }];
    await noteAct(manager, actor, { action: 'credential.verified', entityId: id, entityName: name, changes });
  });
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
export async function removeCredential(deps: Deps, actor: Actor, id: CredentialId): Promise<CredentialRemoval> {
  const { workspaceId } = actor;
  const removal = await deps.database.dataSource.transaction(async (manager): Promise<CredentialRemoval> => {
    const credentials = credentialRepository(manager);
    const credential = await credentials.lock(workspaceId, id);
    if (!credential) return { outcome: 'missing' };
    const flows = await flowRepository(manager).activeUsers(workspaceId, id);
    if (flows.length > 0) return { outcome: 'inUse', flows };
    await credentials.remove(workspaceId, id);
    await noteAct(manager, actor, { action: 'credential.deleted', entityId: id, entityName: credential.name });
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
