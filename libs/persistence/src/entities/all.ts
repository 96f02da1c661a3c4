import { MembershipEntity, SessionEntity, UserEntity, WorkspaceEntity } from './account.entity.js';
import { ComponentEntity } from './component.entity.js';
import { CredentialEntity } from './credential.entity.js';
import { FlowEntity, FlowVersionEntity } from './flow.entity.js';

/** Every entity of the control plane. The run log has none: its statements are raw SQL. */
export const entities = [
  WorkspaceEntity,
  UserEntity,
  MembershipEntity,
  SessionEntity,
  ComponentEntity,
  CredentialEntity,
  FlowEntity,
  FlowVersionEntity,
];
