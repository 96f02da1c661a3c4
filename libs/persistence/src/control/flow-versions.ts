import { newId, type FlowId, type FlowVersionId, type UserId, type WorkspaceId } from '@millrace/contracts';
import type { FlowDraft } from '@millrace/flow-model';
import { LessThan, type EntityManager } from 'typeorm';
import { FlowVersionEntity } from '../entities/flow.entity.js';
import type { Page } from './pages.js';

export type FlowVersionSummary = Omit<FlowVersionEntity, 'definition'>;

export interface FlowVersionRepository {
  /** Adds the next version of a flow. The caller holds the lock on the flow, so that numbers have no gap and no twin. */
  append(
    workspaceId: WorkspaceId,
    version: { flowId: FlowId; definition: FlowDraft; createdBy: UserId },
  ): Promise<FlowVersionEntity>;
  find(workspaceId: WorkspaceId, id: FlowVersionId): Promise<FlowVersionEntity | null>;
  findByNumber(workspaceId: WorkspaceId, flowId: FlowId, number: number): Promise<FlowVersionEntity | null>;
  /** Newest first, without definitions. `next` is the number to ask the next page with. */
  list(
    workspaceId: WorkspaceId,
    flowId: FlowId,
    page: { before?: number | undefined; limit: number },
  ): Promise<Page<FlowVersionSummary>>;
}

/** Published versions of the flows of a workspace. Give the manager of a transaction to work inside it. */
export function flowVersionRepository(manager: EntityManager): FlowVersionRepository {
  return {
    async append(workspaceId, { flowId, definition, createdBy }) {
      const last = await manager.maximum(FlowVersionEntity, 'number', { workspaceId, flowId });
      const id = newId<FlowVersionId>();
      const number = (last ?? 0) + 1;
      // Raw, because the insert type of TypeORM does not end on a recursive JSON type.
      await manager.query(
        `insert into flow_version (id, workspace_id, flow_id, number, definition, created_by)
         values ($1, $2, $3, $4, $5, $6)`,
        [id, workspaceId, flowId, number, JSON.stringify(definition), createdBy],
      );
      return manager.findOneByOrFail(FlowVersionEntity, { workspaceId, id });
    },

    find: (workspaceId, id) => manager.findOneBy(FlowVersionEntity, { workspaceId, id }),

    findByNumber: (workspaceId, flowId, number) =>
      manager.findOneBy(FlowVersionEntity, { workspaceId, flowId, number }),

    async list(workspaceId, flowId, { before, limit }) {
      const rows = await manager.find(FlowVersionEntity, {
        select: { id: true, workspaceId: true, flowId: true, number: true, createdBy: true, createdAt: true },
        where: { workspaceId, flowId, ...(before !== undefined && { number: LessThan(before) }) },
        order: { number: 'desc' },
        take: limit + 1,
      });
      const items = rows.slice(0, limit);
      return { items, next: rows.length > limit ? String(items.at(-1)?.number) : null };
    },
  };
}
