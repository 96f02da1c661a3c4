import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { assertNever, type CredentialId } from '@millrace/contracts';
import { credentialRepository, type CredentialEntity } from '@millrace/persistence';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { Answers, Refuses } from '../http/answers.js';
import { CurrentCaller, type Caller } from '../http/caller.js';
import { cursorId, idParam } from '../http/fields.js';
import { problem } from '../http/problems.js';
import { Requires } from '../http/roles.js';
import {
  changeCredential,
  createCredential,
  recheckCredential,
  removeCredential,
  type CredentialNotStored,
} from './credential-changes.js';
import { credentialView, credentialViews, missing, refusal } from './credential-answers.js';
import {
  changeCredentialBody,
  createCredentialBody,
  credentialList,
  credentialQuery,
  credentialSchema,
  type Credential,
  type CredentialList,
} from './schemas.js';

const credentialId = idParam<CredentialId>('credential');

@ApiTags('Credentials')
@Controller('v1/credentials')
export class CredentialsController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Post()
  @Requires('member')
  @ApiOperation({
    summary: 'Create a credential',
    description: 'The component verifies it first, which takes at most 30 s. Nothing is stored when it is refused.',
  })
  @Answers(201, 'The credential, without its fields', credentialSchema)
  @Refuses(
    'validation_failed',
    'unknown_component',
    'credential_not_taken',
    'credential_refused',
    'component_unavailable',
    'component_timeout',
    'verification_timeout',
  )
  async createCredential(
    @CurrentCaller() caller: Caller,
    @Body({ schema: createCredentialBody }) body: z.output<typeof createCredentialBody>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Credential> {
    const result = await createCredential(this.deps, caller, { ...body, isAwaited: awaited(reply) });
    if (result.outcome !== 'stored') throw this.refusal(result, body.component);
    reply.header('location', `/v1/credentials/${result.credential.id}`);
    return credentialView(this.deps, result.credential);
  }

  @Get()
  @Requires('member')
  @ApiOperation({ summary: 'List credentials', description: 'Newest first.' })
  @Answers(200, 'A page of credentials', credentialList)
  async listCredentials(
    @CurrentCaller() caller: Caller,
    @Query({ schema: credentialQuery }) query: z.output<typeof credentialQuery>,
  ): Promise<CredentialList> {
    const credentials = credentialRepository(this.deps.database.dataSource.manager);
    const page = await credentials.list(caller.workspaceId, { ...query, before: cursorId(query.cursor) });
    return { items: await credentialViews(this.deps, caller.workspaceId, page.items), nextCursor: page.next };
  }

  @Get(':credentialId')
  @Requires('member')
  @ApiOperation({ summary: 'One credential' })
  @Answers(200, 'The credential, without its fields', credentialSchema)
  @Refuses('not_found')
  async readCredential(
    @CurrentCaller() caller: Caller,
    @Param('credentialId', { schema: credentialId }) id: CredentialId,
  ): Promise<Credential> {
    return credentialView(this.deps, await this.find(caller, id));
  }

  @Patch(':credentialId')
  @Requires('member')
  @ApiOperation({ summary: 'Rename a credential or replace its fields' })
  @Answers(200, 'The credential, without its fields', credentialSchema)
  @Refuses(
    'not_found',
    'validation_failed',
    'credential_refused',
    'component_unavailable',
    'component_timeout',
    'verification_timeout',
  )
  async changeCredential(
    @CurrentCaller() caller: Caller,
    @Param('credentialId', { schema: credentialId }) id: CredentialId,
    @Body({ schema: changeCredentialBody }) body: z.output<typeof changeCredentialBody>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Credential> {
    const credential = await this.find(caller, id);
    const result = await changeCredential(this.deps, caller, credential, {
      ...body,
      isAwaited: awaited(reply),
    });
    if (result.outcome !== 'stored') throw this.refusal(result, credential.component);
    return credentialView(this.deps, result.credential);
  }

  @Delete(':credentialId')
  @Requires('member')
  @ApiOperation({ summary: 'Delete a credential' })
  @Answers(204, 'It is gone')
  @Refuses('not_found', 'credential_in_use')
  async deleteCredential(
    @CurrentCaller() caller: Caller,
    @Param('credentialId', { schema: credentialId }) id: CredentialId,
  ): Promise<void> {
    const removal = await removeCredential(this.deps, caller, id);
    switch (removal.outcome) {
      case 'removed':
        return;
      case 'missing':
        throw missing();
      case 'inUse': {
        const names = removal.flows.map((flow) => `“${flow.name}”`).join(', ');
        throw problem('credential_in_use', {
          detail: `Stop these flows, or publish them with another credential: ${names}.`,
          extra: { flows: removal.flows },
        });
      }
      default:
        assertNever(removal);
    }
  }

  @Post(':credentialId/verify')
  @Requires('member')
  @ApiOperation({ summary: 'Let the component check a credential again', description: 'Takes at most 30 s.' })
  @Answers(200, 'The credential with its present status', credentialSchema)
  @Refuses('not_found', 'credential_refused', 'component_unavailable', 'component_timeout', 'verification_timeout')
  async verifyCredential(
    @CurrentCaller() caller: Caller,
    @Param('credentialId', { schema: credentialId }) id: CredentialId,
  ): Promise<Credential> {
    const credential = await this.find(caller, id);
    const result = await recheckCredential(this.deps, caller, credential);
    if (result.outcome !== 'checked') throw this.refusal(result, credential.component);
    return credentialView(this.deps, result.credential);
  }

  private refusal(refused: CredentialNotStored, component: string): ReturnType<typeof problem> {
    return refusal(refused, component, this.deps.verifyWithinMs);
  }

  private async find(caller: Caller, id: CredentialId): Promise<CredentialEntity> {
    const { manager } = this.deps.database.dataSource;
    const credential = await credentialRepository(manager).find(caller.workspaceId, id);
    if (!credential) throw missing();
    return credential;
  }
}

/** A connection that its client has closed takes the answer with it. */
function awaited({ raw }: FastifyReply): () => boolean {
  return () => !raw.destroyed;
}
