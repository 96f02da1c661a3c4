import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { listAudit, type AuditRow } from '@millrace/persistence';
import type { z } from 'zod';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { Answers } from '../http/answers.js';
import { CurrentCaller, type Caller } from '../http/caller.js';
import { cursorId } from '../http/fields.js';
import { Requires } from '../http/roles.js';
import { auditList, auditQuery, type AuditEntry, type AuditList } from './schemas.js';

@ApiTags('Audit')
@Controller('v1/audit')
export class AuditController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Get()
  @Requires('administrator')
  @ApiOperation({
    summary: 'Who did what',
    description:
      'Newest first. Every act that changes something stands here: its entry is written in the transaction of the change. ' +
      'What changes nothing, because it was so already or was refused, does not; failed sign-ins do. A bulk job is one ' +
      'entry, whatever number of runs it acts on.',
  })
  @Answers(200, 'A page of entries', auditList)
  async listAudit(
    @CurrentCaller() { workspaceId }: Caller,
    @Query({ schema: auditQuery }) query: z.output<typeof auditQuery>,
  ): Promise<AuditList> {
    const { actor, action, entity, from, to, limit, cursor } = query;
    const { items, next } = await listAudit(this.deps.database.dataSource.manager, workspaceId, {
      userId: actor,
      action,
      entityId: entity,
      from,
      to,
      limit,
      before: cursorId<string>(cursor),
    });
    return { items: items.map(entryView), nextCursor: next };
  }
}

function entryView(row: AuditRow): AuditEntry {
  const { id, at, lastAt, count, userId, userEmail, apiTokenId, apiTokenName, action, changes } = row;
  return {
    id,
    at: at.toISOString(),
    lastAt: lastAt.toISOString(),
    count,
    actor: userId && {
      userId,
      email: userEmail ?? '',
      apiToken: apiTokenId === null ? null : { id: apiTokenId, name: apiTokenName ?? '' },
    },
    action,
    entity: { type: row.entityType, id: row.entityId, name: row.entityName },
    changes,
    address: row.address,
    requestId: row.requestId,
  };
}
