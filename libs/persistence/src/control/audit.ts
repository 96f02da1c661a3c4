import { newId, type Json, type UserId, type WorkspaceId } from '@millrace/contracts';
import type { EntityManager } from 'typeorm';
import { pageOf, type Page, type PageRequest } from './pages.js';

/** What the audit tells of: every act of the control plane that changes something. Public: clients filter by them. */
export const auditActions = [
  'workspace.created',
  'workspace.changed',
  'user.signed_in',
  'user.sign_in_failed',
  'user.signed_out',
  'user.password_changed',
  'user.password_chosen',
  'user.created',
  'user.changed',
  'user.link_created',
  'user.deleted',
  'api_token.created',
  'api_token.deleted',
  'flow.created',
  'flow.copied',
  'flow.renamed',
  'flow.draft_saved',
  'flow.version_restored',
  'flow.published',
  'flow.started',
  'flow.paused',
  'flow.resumed',
  'flow.stopped',
  'flow.deleted',
  'flow.queue_cancelled',
  'flow.key_released',
  'flow.snapshot_reset',
  'flow.step_run',
  'flow.sample_taken',
  'flow.sample_deleted',
  'credential.authorization_begun',
  'credential.created',
  'credential.changed',
  'credential.verified',
  'credential.deleted',
  'run.cancelled',
  'run.retried',
  'run.replayed',
  'job.created',
  'job.cancelled',
  'parked_message.released',
  'parked_message.deleted',
] as const;

export type AuditAction = (typeof auditActions)[number];

/** Who acts, from where, and in which workspace. */
export interface Actor {
  workspaceId: WorkspaceId;
  /** Null where nobody is signed in. */
  userId: UserId | null;
  email: string | null;
  /** The API token that acts for the user. */
  apiToken: { id: string; name: string } | null;
  /** The network address that the request comes from. */
  address: string;
  requestId: string;
}

/** One field that an act has changed. Secrets, and what may hold some, are named without their values. */
export interface FieldChange {
  field: string;
  before?: Json;
  after?: Json;
}

export interface Act {
  action: AuditAction;
  /** The id of what was acted on, and its name of that time; its kind is what the action begins with. */
  entityId: string | null;
  entityName?: string | null | undefined;
  changes?: FieldChange[];
}

/** Notes an act. Give the manager of the transaction that changes what the act changes: one is never without the other. */
export async function noteAct(manager: EntityManager, actor: Actor, act: Act): Promise<void> {
  await manager.query(
    `insert into audit_entry (id, workspace_id, user_id, user_email, api_token_id, api_token_name,
                              action, entity_type, entity_id, entity_name, changes, address, request_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      newId(),
      actor.workspaceId,
      actor.userId,
      actor.email,
      actor.apiToken?.id ?? null,
      actor.apiToken?.name ?? null,
      act.action,
      act.action.split('.')[0],
      act.entityId,
      act.entityName ?? null,
      JSON.stringify(act.changes ?? []),
      actor.address,
      actor.requestId,
    ],
  );
}

const gatheredForMinutes = 10;

/**
 * Notes an act that comes in swarms, such as a save of a draft: those of one user on one entity within ten minutes are one
 * entry, which counts them and joins their changes with `join`. The transaction must hold the entity, so that two at once
 * do not both begin an entry.
 */
export async function noteRepeatedAct(
  manager: EntityManager,
  actor: Actor,
  act: Act & { join: (earlier: FieldChange[], later: FieldChange[]) => FieldChange[] },
): Promise<void> {
  const [earlier] = await manager.query<{ id: string; changes: FieldChange[] }[]>(
    `select id, changes from audit_entry
     where workspace_id = $1 and entity_id = $2 and user_id = $3 and action = $4
       and api_token_id is not distinct from $5::uuid and at > now() - make_interval(mins => $6)
     order by id desc limit 1`,
    [actor.workspaceId, act.entityId, actor.userId, act.action, actor.apiToken?.id ?? null, gatheredForMinutes],
  );
  if (!earlier) return noteAct(manager, actor, act);
  const changes = act.join(earlier.changes, act.changes ?? []);
  await manager.query(
    `update audit_entry
     set count = count + 1, last_at = now(), changes = $3, entity_name = $4, address = $5, request_id = $6
     where workspace_id = $1 and id = $2`,
    [actor.workspaceId, earlier.id, JSON.stringify(changes), act.entityName ?? null, actor.address, actor.requestId],
  );
}

/** Notes in the first workspace, which is the operator's, what belongs to none: a sign-in that names no account. */
export async function noteActOfNobody(
  manager: EntityManager,
  from: Pick<Actor, 'address' | 'requestId'>,
  act: Act,
): Promise<void> {
  const [first] = await manager.query<{ id: WorkspaceId }[]>(
    'select id from workspace order by created_at, id limit 1',
  );
  if (!first) return;
  await noteAct(manager, { ...from, workspaceId: first.id, userId: null, email: null, apiToken: null }, act);
}

/** An entry as it is read. */
export interface AuditRow {
  id: string;
  at: Date;
  lastAt: Date;
  count: number;
  userId: UserId | null;
  userEmail: string | null;
  apiTokenId: string | null;
  apiTokenName: string | null;
  action: AuditAction;
  entityType: string;
  entityId: string | null;
  entityName: string | null;
  changes: FieldChange[];
  address: string;
  requestId: string;
}

export interface AuditFilter {
  userId?: UserId | undefined;
  action?: string | undefined;
  entityId?: string | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
}

/**
 * Ids are made by the clocks of the processes, `at` by that of the database, and a gathered entry goes on for ten minutes. So
 * much around the time that is asked for is looked at, and no more than that.
 */
const clockSlackMinutes = 60;

/** Entries of a workspace, newest first by when they began. */
export async function listAudit(
  manager: EntityManager,
  workspaceId: WorkspaceId,
  { before, limit, ...filter }: AuditFilter & PageRequest<string>,
): Promise<Page<AuditRow>> {
  const rows = await manager.query<AuditRow[]>(
    `select id, at, last_at as "lastAt", count, user_id as "userId", user_email as "userEmail",
            api_token_id as "apiTokenId", api_token_name as "apiTokenName", action, entity_type as "entityType",
            entity_id as "entityId", entity_name as "entityName", changes, address, request_id as "requestId"
     from audit_entry
     where workspace_id = $1 and ($2::uuid is null or id < $2) and ($3::uuid is null or user_id = $3)
       and ($4::text is null or action = $4) and ($5::uuid is null or entity_id = $5)
       and ($6::timestamptz is null or last_at >= $6 and id >= first_id_at($6 - make_interval(mins => $9)))
       and ($7::timestamptz is null or at < $7 and id < first_id_at($7 + make_interval(mins => $9)))
     order by id desc limit $8`,
    [
      workspaceId,
      before ?? null,
      filter.userId ?? null,
      filter.action ?? null,
      filter.entityId ?? null,
      filter.from ?? null,
      filter.to ?? null,
      limit + 1,
      clockSlackMinutes,
    ],
  );
  return pageOf(rows, limit);
}

const removedAtOnce = 5_000;

/** Removes entries of every workspace that are older than they are kept, in portions. Resolves with how many. */
export async function removeOldAudit(manager: EntityManager, keptDays: number): Promise<number> {
  for (let total = 0; ;) {
    const [, removed] = await manager.query<[unknown[], number]>(
      `delete from audit_entry where id in (
         select id from audit_entry where id < first_id_at(now() - make_interval(days => $1))
           and last_at < now() - make_interval(days => $1) order by id limit $2)`,
      [keptDays, removedAtOnce],
    );
    total += removed;
    if (removed < removedAtOnce) return total;
  }
}
