import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { CredentialId, WorkspaceId } from '@millrace/contracts';

/** `unverified`: the component cannot check it. `failing`: it was refused when it was last checked. */
export type CredentialStatus = 'verified' | 'unverified' | 'failing';

@Entity({ name: 'credential' })
export class CredentialEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid' })
  id!: CredentialId;

  @Column({ name: 'workspace_id', type: 'uuid' })
  workspaceId!: WorkspaceId;

  @Column({ name: 'component', type: 'text' })
  component!: string;

  @Column({ name: 'name', type: 'text' })
  name!: string;

  @Column({ name: 'sealed', type: 'text' })
  sealed!: string;

  @Column({ name: 'status', type: 'text' })
  status!: CredentialStatus;

  /** What the component said when it refused it; null unless it is failing. */
  @Column({ name: 'failure', type: 'text', nullable: true })
  failure!: string | null;

  @Column({ name: 'verified_at', type: 'timestamptz', nullable: true })
  verifiedAt!: Date | null;

  @Column({ name: 'created_at', type: 'timestamptz', insert: false, update: false })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', insert: false })
  updatedAt!: Date;
}
