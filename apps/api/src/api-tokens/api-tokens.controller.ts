import { Body, Controller, Delete, Get, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { newId } from '@millrace/contracts';
import {
  findApiToken,
  insertApiToken,
  listApiTokens,
  noteAct,
  removeApiToken,
  type ApiTokenRow,
} from '@millrace/persistence';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { Answers, Refuses } from '../http/answers.js';
import { CurrentCaller, type Caller } from '../http/caller.js';
import { fieldChanges } from '../http/field-changes.js';
import { cursorId, idParam, refusedField } from '../http/fields.js';
import { problem } from '../http/problems.js';
import { Requires } from '../http/roles.js';
import { hashToken, newToken, shownPrefix } from '../sessions/session-token.js';
import {
  apiTokenList,
  apiTokenQuery,
  createApiTokenBody,
  newApiToken,
  type ApiToken,
  type ApiTokenList,
  type NewApiToken,
} from './schemas.js';

const apiTokenIdParam = idParam<string>('API token');

@ApiTags('API tokens')
@Controller('v1/api-tokens')
export class ApiTokensController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Get()
  @Requires('administrator')
  @ApiOperation({ summary: 'List the API tokens of the workspace', description: 'Newest first, expired ones too.' })
  @Answers(200, 'A page of API tokens, without the tokens themselves', apiTokenList)
  async listApiTokens(
    @CurrentCaller() { workspaceId }: Caller,
    @Query({ schema: apiTokenQuery }) { limit, cursor }: z.output<typeof apiTokenQuery>,
  ): Promise<ApiTokenList> {
    const page = { limit, before: cursorId<string>(cursor) };
    const { items, next } = await listApiTokens(this.deps.database.dataSource.manager, workspaceId, page);
    return { items: items.map(apiTokenView), nextCursor: next };
  }

  @Post()
  @Requires('administrator')
  @ApiOperation({
    summary: 'Create an API token',
    description:
      'It acts for you on every route that its role allows, but for what belongs to a sign-in: signing out and changing ' +
      'your password. It never may more than you, and ends with you.',
  })
  @Answers(201, 'The API token, with the token itself', newApiToken)
  @Refuses('validation_failed')
  async createApiToken(
    @CurrentCaller() caller: Caller,
    @Body({ schema: createApiTokenBody }) { name, role, expiresAt }: z.output<typeof createApiTokenBody>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<NewApiToken> {
    if (expiresAt && expiresAt.getTime() <= Date.now()) {
      throw refusedField(
        '/expiresAt',
        'past',
        'is past: give a time to come, or null for a token that does not expire',
      );
    }
    const { workspaceId, userId } = caller;
    const id = newId<string>();
    const token = newToken('apiToken');
    const prefix = shownPrefix(token);
    const row = await this.deps.database.dataSource.transaction(async (manager) => {
      const tokenHash = hashToken(token);
      await insertApiToken(manager, workspaceId, { id, name, role, expiresAt, userId, prefix, tokenHash });
      await noteAct(manager, caller, {
        action: 'api_token.created',
        entityId: id,
        entityName: name,
        changes: fieldChanges({}, { name, role, prefix, expiresAt: expiresAt?.toISOString() }),
      });
      return findApiToken(manager, workspaceId, id);
    });
    if (!row) throw new Error('an API token that was just created is not there');
    reply.header('location', '/v1/api-tokens');
    return { ...apiTokenView(row), token };
  }

  @Delete(':apiTokenId')
  @Requires('administrator')
  @ApiOperation({ summary: 'Delete an API token' })
  @Answers(204, 'It is no longer good')
  @Refuses('not_found')
  async deleteApiToken(
    @CurrentCaller() caller: Caller,
    @Param('apiTokenId', { schema: apiTokenIdParam }) id: string,
  ): Promise<void> {
    const removed = await this.deps.database.dataSource.transaction(async (manager) => {
      const name = await removeApiToken(manager, caller.workspaceId, id);
      if (name === undefined) return false;
      await noteAct(manager, caller, { action: 'api_token.deleted', entityId: id, entityName: name });
      return true;
    });
    if (!removed) throw problem('not_found', { detail: 'There is no API token of this id.' });
  }
}

function apiTokenView(row: ApiTokenRow): ApiToken {
  const { userId, userEmail, createdAt, expiresAt, lastUsedAt, ...rest } = row;
  return {
    ...rest,
    createdBy: { id: userId, email: userEmail },
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
    expired: expiresAt !== null && expiresAt.getTime() <= Date.now(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  };
}
