import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { UserId, WorkspaceId } from '@millrace/contracts';

/** `administrator`: everything. `member`: flows, credentials and runs. */
export type Role = 'administrator' | 'member';

@Entity({ name: 'workspace' })
export class WorkspaceEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid' })
  id!: WorkspaceId;

  @Column({ name: 'name', type: 'text' })
  name!: string;

  @Column({ name: 'created_at', type: 'timestamptz', insert: false, update: false })
  createdAt!: Date;
}

@Entity({ name: 'user' })
export class UserEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid' })
  id!: UserId;

  @Column({ name: 'email', type: 'text' })
  email!: string;

  @Column({ name: 'name', type: 'text' })
  name!: string;

  /** An Argon2id hash in PHC form; null until an invited user has chosen a password. */
  @Column({ name: 'password_hash', type: 'text', nullable: true })
  passwordHash!: string | null;

  @Column({ name: 'created_at', type: 'timestamptz', insert: false, update: false })
  createdAt!: Date;
}

@Entity({ name: 'membership' })
export class MembershipEntity {
  @PrimaryColumn({ name: 'workspace_id', type: 'uuid' })
  workspaceId!: WorkspaceId;

  @PrimaryColumn({ name: 'user_id', type: 'uuid' })
  userId!: UserId;

  @Column({ name: 'role', type: 'text' })
  role!: Role;

  @Column({ name: 'created_at', type: 'timestamptz', insert: false, update: false })
  createdAt!: Date;
}

@Entity({ name: 'session' })
export class SessionEntity {
  /** SHA-256 of the token; the token itself is nowhere. */
  @PrimaryColumn({ name: 'token_hash', type: 'bytea' })
  tokenHash!: Buffer;

  @Column({ name: 'user_id', type: 'uuid' })
  userId!: UserId;

  @Column({ name: 'workspace_id', type: 'uuid' })
  workspaceId!: WorkspaceId;

  @Column({ name: 'created_at', type: 'timestamptz', insert: false, update: false })
  createdAt!: Date;

  @Column({ name: 'expires_at', type: 'timestamptz' })
  expiresAt!: Date;
}
