import type { CredentialId, FlowId, FlowVersionId, UserId, WorkspaceId } from '@millrace/contracts';
import type { FlowDraft } from '@millrace/flow-model';
import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import { FlowEntity, FlowVersionEntity, type FlowStatus } from '../entities/flow.entity.js';
import { queuedRunsOf } from './flow-queues.js';
import { listed, type FlowListing, type FlowPlace } from './flow-list.js';

/** A flow with the number of its published version. */
export interface FlowRow {
  id: FlowId;
  name: string;
  status: FlowStatus;
  draft: FlowDraft;
  draftRevision: number;
  /** Who saved the draft last; null until it is saved for the first time. */
  draftSavedBy: UserId | null;
  draftSavedAt: Date | null;
  publishedVersionId: FlowVersionId | null;
  publishedVersion: number | null;
  /** Whether the published version has a polling trigger, so that no webhook URL sets it off. */
  polled: boolean;
  /** Runs that wait in its queue. */
  queuedRuns: number;
  createdAt: Date;
  updatedAt: Date;
}

export type DraftSaved =
  | { outcome: 'saved'; revision: number; savedAt: Date }
  | { outcome: 'changedMeanwhile' | 'missing' };

export interface FlowRepository {
  create(workspaceId: WorkspaceId, flow: { id: FlowId; name: string; draft: FlowDraft }): Promise<void>;
  find(workspaceId: WorkspaceId, id: FlowId): Promise<FlowRow | undefined>;
  /** As `find`; nobody else changes the flow until the transaction ends. */
  lock(workspaceId: WorkspaceId, id: FlowId): Promise<FlowRow | undefined>;
  /** `next` is where the page ended when another one follows. */
  list(workspaceId: WorkspaceId, listing: FlowListing): Promise<{ items: FlowRow[]; next: FlowPlace | null }>;
  /** Resolves false when there is none. */
  rename(workspaceId: WorkspaceId, id: FlowId, name: string): Promise<boolean>;
  /** Saves a draft; with `expectedRevision` only if nobody saved since that one. */
  saveDraft(
    workspaceId: WorkspaceId,
    id: FlowId,
    save: { draft: FlowDraft; expectedRevision: number | undefined; savedBy: UserId | null },
  ): Promise<DraftSaved>;
  setStatus(workspaceId: WorkspaceId, id: FlowId, status: FlowStatus): Promise<void>;
  /** From now on calls get this version; a flow that had none becomes `stopped`. */
  setPublishedVersion(workspaceId: WorkspaceId, id: FlowId, versionId: FlowVersionId): Promise<void>;
  /** Hides the flow. Its versions stay for the runs that began on them. */
  remove(workspaceId: WorkspaceId, id: FlowId): Promise<void>;
  /** Shows a flow again, stopped, that was removed no longer ago than this. Resolves false when there is none. */
  restore(workspaceId: WorkspaceId, id: FlowId, withinMinutes: number): Promise<boolean>;
  /** Flows that are running or paused and whose published version names the credential. */
  activeUsers(workspaceId: WorkspaceId, credentialId: CredentialId): Promise<{ id: FlowId; name: string }[]>;
}

const columns = [
  'f.id as "id"',
  'f.name as "name"',
  'f.status as "status"',
  'f.draft as "draft"',
  'f.draft_revision as "draftRevision"',
  'f.draft_saved_by as "draftSavedBy"',
  'f.draft_saved_at as "draftSavedAt"',
  'f.published_version_id as "publishedVersionId"',
  'v.number as "publishedVersion"',
  `${queuedRunsOf('f.id')} as "queuedRuns"`,
  'f.created_at as "createdAt"',
  'f.updated_at as "updatedAt"',
  // A version with a polling trigger has a schedule from its publication on.
  'exists (select from schedule s where s.flow_id = f.id) as "polled"',
];

/** Flows of a workspace, without deleted ones. Give the manager of a transaction to work inside it. */
export function flowRepository(manager: EntityManager): FlowRepository {
  const select = (workspaceId: WorkspaceId): SelectQueryBuilder<FlowEntity> =>
    manager
      .createQueryBuilder()
      .from(FlowEntity, 'f')
      .leftJoin(FlowVersionEntity, 'v', 'v.id = f.published_version_id')
      .select(columns)
      .where('f.workspace_id = :workspaceId and f.deleted_at is null', { workspaceId });

  const update = (workspaceId: WorkspaceId, id: FlowId, change: Parameters<typeof changeOf>[0]) =>
    manager
      .createQueryBuilder()
      .update(FlowEntity)
      .set(changeOf(change))
      .where('workspace_id = :workspaceId and id = :id and deleted_at is null', { workspaceId, id });

  const repository: FlowRepository = {
    async create(workspaceId, flow) {
      // Raw, because the insert type of TypeORM does not end on a recursive JSON type.
      await manager.query(`insert into flow (id, workspace_id, name, draft) values ($1, $2, $3, $4)`, [
        flow.id,
        workspaceId,
        flow.name,
        JSON.stringify(flow.draft),
      ]);
    },

    find: (workspaceId, id) => select(workspaceId).andWhere('f.id = :id', { id }).getRawOne<FlowRow>(),

    async lock(workspaceId, id) {
      await manager
        .createQueryBuilder(FlowEntity, 'f')
        .select('f.id')
        .where({ workspaceId, id })
        .setLock('pessimistic_write')
        .getOne();
      return repository.find(workspaceId, id);
    },

    async list(workspaceId, listing) {
      type Row = FlowRow & { nameKey: string; updatedKey: string };
      const rows = await listed(select(workspaceId), listing).getRawMany<Row>();
      const items = rows.slice(0, listing.limit);
      const last = rows.length > listing.limit ? items.at(-1) : undefined;
      const value = { newest: undefined, name: last?.nameKey, updated: last?.updatedKey }[listing.order ?? 'newest'];
      return { items, next: last ? { id: last.id, value } : null };
    },

    async rename(workspaceId, id, name) {
      return (await update(workspaceId, id, { name }).execute()).affected === 1;
    },

    async saveDraft(workspaceId, id, { draft, expectedRevision, savedBy }) {
      const query = update(workspaceId, id, {
        draft: () => ':draft',
        draftRevision: () => 'draft_revision + 1',
        draftSavedBy: savedBy,
        draftSavedAt: () => 'now()',
      });
      query.setParameter('draft', JSON.stringify(draft));
      if (expectedRevision !== undefined) query.andWhere('draft_revision = :expectedRevision', { expectedRevision });
      const result = await query.returning('draft_revision, draft_saved_at').execute();
      const [row] = result.raw as { draft_revision: number; draft_saved_at: Date }[];
      if (row) return { outcome: 'saved', revision: row.draft_revision, savedAt: row.draft_saved_at };
      return { outcome: (await repository.find(workspaceId, id)) ? 'changedMeanwhile' : 'missing' };
    },

    async setStatus(workspaceId, id, status) {
      await update(workspaceId, id, { status }).execute();
    },

    async setPublishedVersion(workspaceId, id, versionId) {
      const status = () => `case status when 'draft' then 'stopped' else status end`;
      await update(workspaceId, id, { publishedVersionId: versionId, status }).execute();
    },

    async remove(workspaceId, id) {
      await update(workspaceId, id, { status: 'stopped', deletedAt: new Date() }).execute();
    },

    async restore(workspaceId, id, withinMinutes) {
      const [rows] = await manager.query<[{ id: FlowId }[], number]>(
        `update flow
         set deleted_at = null, updated_at = now(),
             status = case when published_version_id is null then 'draft' else 'stopped' end
         where workspace_id = $1 and id = $2 and deleted_at > now() - make_interval(mins => $3)
         returning id`,
        [workspaceId, id, withinMinutes],
      );
      return rows.length === 1;
    },

    async activeUsers(workspaceId, credentialId) {
      // The text search only narrows: an id may stand in a note too. Reading the JSON in SQL would fail on
      // definitions with characters that Postgres cannot unescape.
      const rows = await select(workspaceId)
        .addSelect('v.definition as "definition"')
        .andWhere(`f.status in ('running', 'paused')`)
        .andWhere('strpos(v.definition::text, :credentialId) > 0', { credentialId })
        .getRawMany<FlowRow & { definition: FlowDraft }>();
      return rows
        .filter(({ definition }) => definition.steps.some((step) => step.credentialId === credentialId))
        .map(({ id, name }) => ({ id, name }));
    },
  };
  return repository;
}

type Expression = () => string;

interface FlowChange {
  name?: string;
  status?: FlowStatus | Expression;
  draft?: Expression;
  draftRevision?: Expression;
  draftSavedBy?: UserId | null;
  draftSavedAt?: Expression;
  publishedVersionId?: FlowVersionId;
  deletedAt?: Date;
}

function changeOf(change: FlowChange): FlowChange & { updatedAt: Expression } {
  return { ...change, updatedAt: () => 'now()' };
}
