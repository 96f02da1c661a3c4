import { Body, Controller, Get, Headers, Inject, Param, Post, Put, Res, UseInterceptors } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { assertNever, type FlowId } from '@millrace/contracts';
import type { FlowDraft, Problem } from '@millrace/flow-model';
import { flowRepository, type FlowRow } from '@millrace/persistence';
import type { FastifyReply } from 'fastify';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { Answers, Refuses } from '../http/answers.js';
import { CurrentCaller, type Caller } from '../http/caller.js';
import { problem } from '../http/problems.js';
import { expectedRevision, RevisionTag } from '../http/revision.js';
import { Requires } from '../http/roles.js';
import { publishFlow } from './flow-changes.js';
import { flowIdParam, missingFlow } from './flows.controller.js';
import { saveDraft, savedDraftView } from './save-draft.js';
import { draftBody, savedDraft, versionSchema, type SavedDraft, type Version } from './schemas.js';
import { versionView } from './views.js';

export const IfMatch = ApiHeader({
  name: 'If-Match',
  required: false,
  description: 'The ETag of the draft as you know it; 412 when someone saved another one meanwhile.',
});

@ApiTags('Flows')
@Controller('v1/flows/:flowId')
export class DraftsController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Get('draft')
  @Requires('member')
  @UseInterceptors(RevisionTag)
  @ApiOperation({ summary: 'The draft of a flow with its problems' })
  @Answers(200, 'The draft; its revision is also the ETag', savedDraft)
  @Refuses('not_found')
  async readDraft(
    @CurrentCaller() caller: Caller,
    @Param('flowId', { schema: flowIdParam }) id: FlowId,
  ): Promise<SavedDraft> {
    return savedDraftView(this.deps, caller.workspaceId, await this.find(caller, id));
  }

  @Put('draft')
  @Requires('member')
  @UseInterceptors(RevisionTag)
  @IfMatch
  @ApiOperation({ summary: 'Save the draft of a flow', description: 'It is saved even if it is incomplete.' })
  @Answers(200, 'The draft and what keeps it from being published', savedDraft)
  @Refuses('not_found', 'validation_failed', 'draft_changed')
  async saveDraft(
    @CurrentCaller() caller: Caller,
    @Param('flowId', { schema: flowIdParam }) id: FlowId,
    @Body({ schema: draftBody }) draft: FlowDraft,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<SavedDraft> {
    const saved = await saveDraft(this.deps, caller, {
      flowId: id,
      draft,
      expectedRevision: expectedRevision(ifMatch),
    });
    switch (saved.outcome) {
      case 'saved':
        return savedDraftView(this.deps, caller.workspaceId, {
          draft,
          draftRevision: saved.revision,
          draftSavedBy: caller.userId,
          draftSavedAt: saved.savedAt,
        });
      case 'missing':
        throw missingFlow();
      case 'changedMeanwhile':
        throw draftChanged((await this.find(caller, id)).draftRevision);
      default:
        return assertNever(saved);
    }
  }

  @Post('publish')
  @Requires('member')
  @IfMatch
  @ApiOperation({
    summary: 'Publish the draft of a flow',
    description:
      'Makes it the next version. A running flow takes it for the calls that come from now on. A draft that is the ' +
      'present version already makes no new one.',
  })
  @Answers(201, 'The new version', versionSchema)
  @ApiResponse({
    status: 200,
    description: 'The present version: the draft is the same',
    standardSchema: versionSchema,
  })
  @Refuses('not_found', 'draft_changed', 'draft_invalid')
  async publishFlow(
    @CurrentCaller() caller: Caller,
    @Param('flowId', { schema: flowIdParam }) id: FlowId,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Version> {
    const publication = await publishFlow(this.deps, caller, {
      flowId: id,
      expectedRevision: expectedRevision(ifMatch),
    });
    switch (publication.outcome) {
      case 'published':
        reply.header('location', `/v1/flows/${id}/versions/${publication.version.number}`);
        return versionView(publication.version);
      case 'unchanged':
        reply.code(200).header('location', `/v1/flows/${id}/versions/${publication.version.number}`);
        return versionView(publication.version);
      case 'missing':
        throw missingFlow();
      case 'changedMeanwhile':
        throw draftChanged(publication.revision);
      case 'invalid':
        throw draftInvalid(publication.problems);
      default:
        return assertNever(publication);
    }
  }

  private async find(caller: Caller, id: FlowId): Promise<FlowRow> {
    const flow = await flowRepository(this.deps.database.dataSource.manager).find(caller.workspaceId, id);
    if (!flow) throw missingFlow();
    return flow;
  }
}

/** The answer to a save on a draft that is not the one that was read. */
export function draftChanged(draftRevision: number): ReturnType<typeof problem> {
  return problem('draft_changed', {
    detail: `The draft is at revision ${draftRevision} now. Read it, bring your changes in and save again.`,
    extra: { draftRevision },
  });
}

function draftInvalid(problems: Problem[]): ReturnType<typeof problem> {
  const first = problems[0];
  return problem('draft_invalid', {
    detail: `${problems.length === 1 ? '1 problem' : `${problems.length} problems`}: ${first?.pointer} ${first?.message}`,
    extra: { problems: problems.map((one) => ({ ...one })) },
  });
}
