import { Body, Controller, Get, Inject, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { assertNever } from '@millrace/contracts';
import type { z } from 'zod';
import { credentialView, refusal } from '../credentials/credential-answers.js';
import { credentialSchema, type Credential } from '../credentials/schemas.js';
import { unreadable } from '../credentials/stored-fields.js';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { Answers, Refuses } from '../http/answers.js';
import { CurrentCaller, type Caller } from '../http/caller.js';
import { problem } from '../http/problems.js';
import { Requires } from '../http/roles.js';
import { beginAuthorization, finishAuthorization } from './authorize.js';
import { authorizationSchema, authorizeBody, callbackQuery, type Authorization } from './schemas.js';

@ApiTags('Credentials')
@Controller('v1/credentials/oauth2')
export class OAuth2Controller {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Post('authorize')
  @Requires('member')
  @ApiOperation({
    summary: 'Begin an authorization by OAuth 2.0',
    description:
      'Send the person to `url`. The system sends it back to the callback, which must be opened with the same sign-in within 15 minutes.',
  })
  @Answers(201, 'Where the person must go', authorizationSchema)
  @Refuses('not_found', 'credential_unreadable', 'unknown_component', 'oauth2_not_offered')
  async beginAuthorization(
    @CurrentCaller() caller: Caller,
    @Body({ schema: authorizeBody }) body: z.output<typeof authorizeBody>,
  ): Promise<Authorization> {
    const { fields, ...rest } = 'fields' in body ? body : { ...body, fields: undefined };
    const asked = 'credentialId' in rest ? rest : { ...rest, client: fields ?? { clientId: '' } };
    const begun = await beginAuthorization(this.deps, caller, asked);
    switch (begun.outcome) {
      case 'begun':
        return { url: begun.url, expiresAt: begun.expiresAt.toISOString() };
      case 'notOffered':
        throw problem('oauth2_not_offered', {
          detail: `The component “${begun.component}” takes no authorization by OAuth 2.0, or the credential is of another type.`,
        });
      case 'unreadable':
        throw unreadable();
      case 'missing':
      case 'unknownComponent':
        throw refusal({ outcome: begun.outcome }, begun.component, this.deps.verifyWithinMs);
      default:
        return assertNever(begun);
    }
  }

  @Get('callback')
  @Requires('member')
  @ApiOperation({
    summary: 'Finish an authorization by OAuth 2.0',
    description:
      'Where the system sends the person back to. Exchanges the code, lets the component verify the tokens and stores them sealed. Each state is good once.',
  })
  @Answers(200, 'The credential, without its fields', credentialSchema)
  @Refuses(
    'authorization_unknown',
    'authorization_denied',
    'authorization_failed',
    'authorization_server_unavailable',
    'unknown_component',
    'not_found',
    'validation_failed',
    'credential_refused',
    'component_unavailable',
    'component_timeout',
    'verification_timeout',
  )
  async finishAuthorization(
    @CurrentCaller() caller: Caller,
    @Query({ schema: callbackQuery }) query: z.output<typeof callbackQuery>,
  ): Promise<Credential> {
    const { state, code, error } = query;
    const finished = await finishAuthorization(this.deps, caller, { state, code, error });
    switch (finished.outcome) {
      case 'stored':
        return credentialView(this.deps, finished.credential);
      case 'unknownState':
        throw problem('authorization_unknown', {
          detail: 'It was finished already, took longer than 15 minutes, or was begun by someone else. Begin again.',
        });
      case 'denied':
        throw problem('authorization_denied', { detail: `The system sent no code: ${finished.reason}.` });
      case 'notGranted':
        throw problem('authorization_failed', { detail: `The system gave no tokens for the code: ${finished.reason}` });
      case 'serverUnavailable':
        throw problem('authorization_server_unavailable', { detail: `${finished.reason}. Begin again.` });
      default:
        throw refusal(finished, finished.component ?? '', this.deps.verifyWithinMs);
    }
  }
}
