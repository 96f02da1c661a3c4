import { Body, Controller, Get, Inject, Param, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FlowId } from '@millrace/contracts';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { Answers, Refuses } from '../http/answers.js';
import { CurrentCaller, type Caller } from '../http/caller.js';
import { Requires } from '../http/roles.js';
import { flowDocument, importBody, importedFlow, type FlowDocument, type ImportedFlow } from './document-schemas.js';
import { restoreFlow, restoreWithinMinutes } from './flow-changes.js';
import { exportFlow, importFlow } from './flow-documents.js';
import { flowIdParam, missingFlow } from './flows.controller.js';
import { flowSchema, type Flow } from './schemas.js';
import { flowView } from './views.js';

@ApiTags('Flows')
@Controller('v1/flows')
export class FlowDocumentsController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Get(':flowId/export')
  @Requires('member')
  @ApiOperation({
    summary: 'A flow as a JSON document',
    description:
      'Its draft, without samples and what is secret in the configuration of steps. Credentials are named by component and name.',
  })
  @Answers(200, 'The document', flowDocument)
  @Refuses('not_found')
  async exportFlow(
    @CurrentCaller() caller: Caller,
    @Param('flowId', { schema: flowIdParam }) id: FlowId,
  ): Promise<FlowDocument> {
    const document = await exportFlow(this.deps, caller.workspaceId, id);
    if (!document) throw missingFlow();
    return document;
  }

  @Post('import')
  @Requires('member')
  @ApiOperation({
    summary: 'Make a flow of a JSON document',
    description: 'Always a new flow. Steps get the credentials of the workspace that are called as in the document.',
  })
  @Answers(201, 'The flow, and the credentials that it lacks', importedFlow)
  @Refuses('validation_failed')
  async importFlow(
    @CurrentCaller() caller: Caller,
    @Body({ schema: importBody }) body: z.output<typeof importBody>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ImportedFlow> {
    const { flow, missing } = await importFlow(this.deps, caller, body);
    reply.header('location', `/v1/flows/${flow.id}`);
    return { flow: await flowView(this.deps.database, flow, this.deps.hookUrl), missingCredentials: missing };
  }

  @Post(':flowId/undelete')
  @Requires('member')
  @ApiOperation({
    summary: 'Bring a deleted flow back',
    description:
      `Within ${restoreWithinMinutes} minutes, under its id and URL, stopped. Runs that were cancelled with it stay so, and ` +
      'the snapshot of a polling trigger is lost.',
  })
  @Answers(200, 'The flow', flowSchema)
  @Refuses('not_found')
  async undeleteFlow(
    @CurrentCaller() caller: Caller,
    @Param('flowId', { schema: flowIdParam }) id: FlowId,
  ): Promise<Flow> {
    const flow = await restoreFlow(this.deps, caller, id);
    if (!flow) throw missingFlow();
    return flowView(this.deps.database, flow, this.deps.hookUrl);
  }
}
