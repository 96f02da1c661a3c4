import { Controller, Get, Inject, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { CredentialId } from '@millrace/contracts';
import { credentialRepository } from '@millrace/persistence';
import { callerAuthentication, webhookCredentialSchema, type CallerAuthentication } from '@millrace/signatures';
import { z } from 'zod';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { Answers, Refuses } from '../http/answers.js';
import { CurrentCaller, type Caller } from '../http/caller.js';
import { idParam } from '../http/fields.js';
import { problem } from '../http/problems.js';
import { Requires } from '../http/roles.js';
import { missing } from './credential-answers.js';
import { storedFields, unreadable } from './stored-fields.js';

const credentialIdParam = idParam<CredentialId>('credential');

const header = {
  header: z.string(),
  prefix: z.string().describe('stands before the value'),
  separator: z.string().nullable().describe('between the entries of a header that is a list'),
};

const signingScheme = z
  .object({
    algorithm: z.enum(['sha1', 'sha256', 'sha512', 'plain']).describe('of the HMAC; `plain`: the secret itself'),
    encoding: z.enum(['hex', 'base64']),
    key: z.enum(['text', 'hex', 'base64', 'whsec']).describe('how the secret is written'),
    signature: z.object(header),
    timestamp: z.object({ ...header, unit: z.enum(['seconds', 'milliseconds']) }).nullable(),
    id: z.object(header).nullable(),
    signedContent: z.string().describe('what is signed, such as {timestamp}.{body}'),
  })
  .meta({ id: 'SigningScheme' });

const callerAuthenticationSchema = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('none') }),
    z.object({ type: z.literal('basic') }),
    z.object({ type: z.literal('apiKey'), headerName: z.string() }),
    z.object({
      type: z.literal('hmac'),
      scheme: signingScheme.nullable().describe('null where the secret alone cannot sign a call'),
    }),
  ])
  .meta({ id: 'CallerAuthentication' });

@ApiTags('Credentials')
@Controller('v1/credentials')
export class CallerAuthenticationController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Get(':credentialId/authentication')
  @Requires('member')
  @ApiOperation({
    summary: 'How callers of a webhook prove that they have a credential',
    description: 'Of credentials of the webhook component. Nothing secret is in it, nor user names.',
  })
  @Answers(200, 'What a caller has to do', callerAuthenticationSchema)
  @Refuses('not_found', 'credential_unreadable')
  async readCallerAuthentication(
    @CurrentCaller() caller: Caller,
    @Param('credentialId', { schema: credentialIdParam }) credentialId: CredentialId,
  ): Promise<CallerAuthentication> {
    const { manager } = this.deps.database.dataSource;
    const credential = await credentialRepository(manager).find(caller.workspaceId, credentialId);
    if (!credential) throw missing();
    const { component } = credential;
    if (component !== 'webhook') {
      throw problem('not_found', { detail: `It is a credential of ${component}: callers of a webhook do not use it.` });
    }
    const fields = storedFields(this.deps, credential);
    if (!fields) throw unreadable();
    return callerAuthentication(webhookCredentialSchema.parse(fields));
  }
}
