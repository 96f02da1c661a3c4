import type { CredentialId, WorkspaceId } from '@millrace/contracts';
import { ILike, In, LessThan, type EntityManager } from 'typeorm';
import { CredentialEntity, type CredentialStatus } from '../entities/credential.entity.js';
import { pageOf, type Page, type PageRequest } from './pages.js';

export interface NewCredential {
  id: CredentialId;
  component: string;
  name: string;
  sealed: string;
  status: CredentialStatus;
  verifiedAt: Date | null;
}

export type CredentialChange = Partial<Pick<NewCredential, 'name' | 'sealed' | 'status' | 'verifiedAt'>>;

export interface CredentialFilter {
  component?: string | undefined;
  status?: CredentialStatus | undefined;
  /** Stands somewhere in the name, whatever the case. */
  search?: string | undefined;
}

export interface CredentialRepository {
  create(workspaceId: WorkspaceId, credential: NewCredential): Promise<void>;
  find(workspaceId: WorkspaceId, id: CredentialId): Promise<CredentialEntity | null>;
  list(workspaceId: WorkspaceId, page: PageRequest<CredentialId> & CredentialFilter): Promise<Page<CredentialEntity>>;
  /** Resolves false when there is none. */
  change(workspaceId: WorkspaceId, id: CredentialId, change: CredentialChange): Promise<boolean>;
  /** Notes the outcome of a check, with the reason of a refusal, unless the fields were replaced since `sealed` was read; false then. */
  noteCheck(
    workspaceId: WorkspaceId,
    checked: Pick<CredentialEntity, 'id' | 'sealed'>,
    check: { status: CredentialStatus; failure: string | null },
  ): Promise<boolean>;
  remove(workspaceId: WorkspaceId, id: CredentialId): Promise<void>;
  /** Holds the row until the transaction ends, so that no flow can begin to use it meanwhile. */
  lock(workspaceId: WorkspaceId, id: CredentialId): Promise<CredentialEntity | null>;
  /** Holds the row against other changes until the transaction ends; flows may go on to use it. */
  lockForRefresh(workspaceId: WorkspaceId, id: CredentialId): Promise<CredentialEntity | null>;
  /** The components of those of `ids` that exist; until the transaction ends none of them can be deleted. */
  holdComponents(workspaceId: WorkspaceId, ids: string[]): Promise<Map<string, string>>;
  /** What those are called that have one of the ids or one of the names. */
  named(
    workspaceId: WorkspaceId,
    which: { ids?: CredentialId[]; names?: string[] },
  ): Promise<{ id: CredentialId; component: string; name: string }[]>;
  /** The components of those of `ids` that exist. */
  componentsOf(workspaceId: WorkspaceId, ids: string[]): Promise<Map<string, string>>;
}

/** Credentials of a workspace. Give the manager of a transaction to work inside it. */
export function credentialRepository(manager: EntityManager): CredentialRepository {
  const byId = (workspaceId: WorkspaceId, ids: string[]) =>
    manager
      .createQueryBuilder(CredentialEntity, 'c')
      .select(['c.id', 'c.component'])
      .where({ workspaceId, id: In(ids) })
      .orderBy('c.id');
  const components = (rows: CredentialEntity[]) => new Map<string, string>(rows.map((row) => [row.id, row.component]));

  return {
    async create(workspaceId, credential) {
      await manager.insert(CredentialEntity, { ...credential, workspaceId });
    },

    named: (workspaceId, { ids = [], names = [] }) =>
      manager.query(
        `select id, component, name from credential where workspace_id = $1 and (id = any ($2::uuid[]) or name = any ($3))`,
        [workspaceId, ids, names],
      ),

    find: (workspaceId, id) => manager.findOneBy(CredentialEntity, { workspaceId, id }),

    async list(workspaceId, { before, limit, component, status, search }) {
      const rows = await manager.find(CredentialEntity, {
        where: {
          workspaceId,
          ...(before && { id: LessThan(before) }),
          ...(component && { component }),
          ...(status && { status }),
          ...(search && { name: ILike(`%${search.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`) }),
        },
        order: { id: 'desc' },
        take: limit + 1,
      });
      return pageOf(rows, limit);
    },

    async change(workspaceId, id, change) {
      // Fields that were not refused have no reason of a refusal.
      const failure = change.status && change.status !== 'failing' ? { failure: null } : {};
      const all = { ...change, ...failure, updatedAt: new Date() };
      const result = await manager.update(CredentialEntity, { workspaceId, id }, all);
      return result.affected === 1;
    },

    async noteCheck(workspaceId, { id, sealed }, { status, failure }) {
      const result = await manager.update(
        CredentialEntity,
        { workspaceId, id, sealed },
        { status, failure, ...(status === 'verified' && { verifiedAt: new Date() }) },
      );
      return result.affected === 1;
    },

    async remove(workspaceId, id) {
      await manager.delete(CredentialEntity, { workspaceId, id });
    },

    lock: (workspaceId, id) =>
      manager
        .createQueryBuilder(CredentialEntity, 'c')
        .where({ workspaceId, id })
        .setLock('pessimistic_write')
        .getOne(),

    lockForRefresh: (workspaceId, id) =>
      manager
        .createQueryBuilder(CredentialEntity, 'c')
        .where({ workspaceId, id })
        .setLock('for_no_key_update')
        .getOne(),

    holdComponents: async (workspaceId, ids) =>
      components(await byId(workspaceId, ids).setLock('for_key_share').getMany()),

    componentsOf: async (workspaceId, ids) => components(await byId(workspaceId, ids).getMany()),
  };
}
