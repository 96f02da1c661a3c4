import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { FlowId, FlowVersionId, UserId, WorkspaceId } from '@millrace/contracts';
import type { FlowDraft } from '@millrace/flow-model';

/** `draft`: nothing is published yet. */
export type FlowStatus = 'draft' | 'running' | 'paused' | 'stopped';

@Entity({ name: 'flow' })
export class FlowEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid' })
  id!: FlowId;

  @Column({ name: 'workspace_id', type: 'uuid' })
  workspaceId!: WorkspaceId;

  @Column({ name: 'name', type: 'text' })
  name!: string;

  @Column({ name: 'status', type: 'text' })
  status!: FlowStatus;

  @Column({ name: 'draft', type: 'json' })
  draft!: FlowDraft;

  /** Counts saves of the draft, so that two editors notice each other. */
  @Column({ name: 'draft_revision', type: 'integer' })
  draftRevision!: number;

  /** Null until the draft is saved for the first time. */
  @Column({ name: 'draft_saved_by', type: 'uuid', nullable: true, insert: false })
  draftSavedBy!: UserId | null;

  @Column({ name: 'draft_saved_at', type: 'timestamptz', nullable: true, insert: false })
  draftSavedAt!: Date | null;

  @Column({ name: 'published_version_id', type: 'uuid', nullable: true })
  publishedVersionId!: FlowVersionId | null;

  @Column({ name: 'created_at', type: 'timestamptz', insert: false, update: false })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', insert: false })
  updatedAt!: Date;

  /** A deleted flow is invisible; its row and versions stay for the runs that began on them. */
  @Column({ name: 'deleted_at', type: 'timestamptz', nullable: true, insert: false })
  deletedAt!: Date | null;
}

/** A published definition. It never changes. */
@Entity({ name: 'flow_version' })
export class FlowVersionEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid' })
  id!: FlowVersionId;

  @Column({ name: 'workspace_id', type: 'uuid' })
  workspaceId!: WorkspaceId;

  @Column({ name: 'flow_id', type: 'uuid' })
  flowId!: FlowId;

  @Column({ name: 'number', type: 'integer' })
  number!: number;

  @Column({ name: 'definition', type: 'json' })
  definition!: FlowDraft;

  @Column({ name: 'created_by', type: 'uuid', nullable: true })
  createdBy!: UserId | null;

  @Column({ name: 'created_at', type: 'timestamptz', insert: false, update: false })
  createdAt!: Date;
}
