import { Controller, Get, Headers, Inject, Param, Post, Query, UseInterceptors } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { assertNever, type FlowId } from '@millrace/contracts';
import { differenceOf, type FlowDraft } from '@millrace/flow-model';
import { flowRepository, flowVersionRepository, type FlowRow, type FlowVersionEntity } from '@millrace/persistence';
import { z } from 'zod';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { Answers, Refuses } from '../http/answers.js';
import { CurrentCaller, type Caller } from '../http/caller.js';
import { problem } from '../http/problems.js';
import { expectedRevision, RevisionTag } from '../http/revision.js';
import { Requires } from '../http/roles.js';
import { draftChanged, IfMatch } from './drafts.controller.js';
import { flowIdParam, missingFlow } from './flows.controller.js';
import { saveDraft, savedDraftView } from './save-draft.js';
import {
  differenceQuery,
  differenceSchema,
  savedDraft,
  versionList,
  versionQuery,
  versionSchema,
  type Difference,
  type SavedDraft,
  type Version,
  type VersionList,
} from './schemas.js';
import { versionSummaryView, versionView } from './views.js';

const numberParam = z.string().describe('number of the version');

@ApiTags('Flows')
@Controller('v1/flows/:flowId')
export class VersionsController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Get('versions')
  @Requires('member')
  @ApiOperation({ summary: 'List the published versions of a flow', description: 'Newest first.' })
  @Answers(200, 'A page of versions, without their definitions', versionList)
  @Refuses('not_found')
  async listVersions(
    @CurrentCaller() caller: Caller,
    @Param('flowId', { schema: flowIdParam }) id: FlowId,
    @Query({ schema: versionQuery }) query: z.output<typeof versionQuery>,
  ): Promise<VersionList> {
    await this.find(caller, id);
    const versions = flowVersionRepository(this.deps.database.dataSource.manager);
    const page = await versions.list(caller.workspaceId, id, { before: query.cursor, limit: query.limit });
    return { items: page.items.map(versionSummaryView), nextCursor: page.next };
  }

  @Get('versions/:number')
  @Requires('member')
  @ApiOperation({ summary: 'One published version of a flow' })
  @Answers(200, 'The version', versionSchema)
  @Refuses('not_found')
  async readVersion(
    @CurrentCaller() caller: Caller,
    @Param('flowId', { schema: flowIdParam }) id: FlowId,
    @Param('number', { schema: numberParam }) number: string,
  ): Promise<Version> {
    await this.find(caller, id);
    return versionView(await this.findVersion(caller, id, number));
  }

  @Post('versions/:number/restore')
  @Requires('member')
  @UseInterceptors(RevisionTag)
  @IfMatch
  @ApiOperation({
    summary: 'Make a published version the draft again',
    description:
      'Takes the place of the present draft; what runs stays as it is until the draft is published, which makes the ' +
      'restored definition the next version.',
  })
  @Answers(200, 'The draft and what keeps it from being published by now', savedDraft)
  @Refuses('not_found', 'draft_changed')
  async restoreVersion(
    @CurrentCaller() caller: Caller,
    @Param('flowId', { schema: flowIdParam }) id: FlowId,
    @Param('number', { schema: numberParam }) number: string,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<SavedDraft> {
    await this.find(caller, id);
    const { definition: draft, number: restored } = await this.findVersion(caller, id, number);
    const saved = await saveDraft(this.deps, caller, {
      flowId: id,
      draft,
      restored,
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

  @Get('difference')
  @Requires('member')
  @ApiOperation({
    summary: 'What differs between two definitions of a flow',
    description: 'Each of them a version or the draft. Steps are matched by id, edges by their ends.',
  })
  @Answers(200, 'The differences; empty lists when the two are the same', differenceSchema)
  @Refuses('not_found')
  async readDifference(
    @CurrentCaller() caller: Caller,
    @Param('flowId', { schema: flowIdParam }) id: FlowId,
    @Query({ schema: differenceQuery }) query: z.output<typeof differenceQuery>,
  ): Promise<Difference> {
    const flow = await this.find(caller, id);
    const definitionOf = async (side: number | 'draft'): Promise<FlowDraft> =>
      side === 'draft' ? flow.draft : (await this.findVersion(caller, id, String(side))).definition;
    const from = query.from ?? flow.publishedVersion;
    if (from === null) throw problem('not_found', { detail: 'The flow has no version yet to compare with.' });
    const to = query.to ?? 'draft';
    return { from, to, ...differenceOf(await definitionOf(from), await definitionOf(to)) };
  }

  private async find(caller: Caller, id: FlowId): Promise<FlowRow> {
    const flow = await flowRepository(this.deps.database.dataSource.manager).find(caller.workspaceId, id);
    if (!flow) throw missingFlow();
    return flow;
  }

  private async findVersion(caller: Caller, id: FlowId, number: string): Promise<FlowVersionEntity> {
    const versions = flowVersionRepository(this.deps.database.dataSource.manager);
    const version = /^\d{1,9}$/.test(number)
      ? await versions.findByNumber(caller.workspaceId, id, Number(number))
      : null;
    if (!version) throw problem('not_found', { detail: `The flow has no version ${number.slice(0, 20)}.` });
    return version;
  }
}
