import { Body, Controller, Inject, Param, Post, HttpCode } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { ListOptionsRequest, OperationDescriptor, ReadSchemaRequest } from '@millrace/contracts';
import { componentRepository } from '@millrace/persistence';
import { z } from 'zod';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { Answers, Refuses } from '../http/answers.js';
import { CurrentCaller, type Caller } from '../http/caller.js';
import { problem } from '../http/problems.js';
import { Requires } from '../http/roles.js';
import { askForm, formProblem } from './ask-form.js';
import {
  operationSchema,
  optionList,
  optionsBody,
  schemaBody,
  type OperationSchema,
  type OptionList,
} from './form-schemas.js';

const componentParam = z.string().describe('name of the component');
const operationParam = z.string().describe('name of the trigger or action');

/** What the designer's forms ask of components while a step is set up. */
@ApiTags('Components')
@Controller('v1/components/:name/operations/:operation')
export class FormsController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Post('options')
  @HttpCode(200)
  @Requires('member')
  @ApiOperation({
    summary: 'List the values that the component offers for a field',
    description:
      'For fields whose schema has `optionsFrom`. The component asks its system, for at most 30 s. Ask again when the ' +
      'credential or a field in `dependsOn` of the list changes; nothing is kept.',
  })
  @Answers(200, 'A page of values', optionList)
  @Refuses(
    'not_found',
    'validation_failed',
    'options_not_loaded',
    'too_many_requests',
    'component_unavailable',
    'component_timeout',
  )
  async listOptions(
    @CurrentCaller() caller: Caller,
    @Param('name', { schema: componentParam }) component: string,
    @Param('operation', { schema: operationParam }) operation: string,
    @Body({ schema: optionsBody }) body: z.output<typeof optionsBody>,
  ): Promise<OptionList> {
    const { title, options = {} } = await this.find(component, operation);
    if (!Object.hasOwn(options, body.list)) {
      throw problem('not_found', { detail: `“${title}” has no list “${body.list}”.` });
    }
    const answer = await askForm<ListOptionsRequest>(this.deps, caller.workspaceId, {
      call: 'listOptions',
      component,
      operation,
      ...body,
    });
    if (answer.outcome !== 'answered') throw formProblem(answer, { component, refused: 'options_not_loaded' });
    return answer.value;
  }

  @Post('schema')
  @HttpCode(200)
  @Requires('member')
  @ApiOperation({
    summary: 'The schema of an input or output that depends on credential and configuration',
    description:
      'For operations with `dynamicSchemas`; of others it is the one of the descriptor. Ask again when the credential or ' +
      'a field in its `dependsOn` changes. Publishing checks only what the descriptor says.',
  })
  @Answers(200, 'The whole schema', operationSchema)
  @Refuses(
    'not_found',
    'validation_failed',
    'schema_not_loaded',
    'too_many_requests',
    'component_unavailable',
    'component_timeout',
  )
  async readSchema(
    @CurrentCaller() caller: Caller,
    @Param('name', { schema: componentParam }) component: string,
    @Param('operation', { schema: operationParam }) operation: string,
    @Body({ schema: schemaBody }) body: z.output<typeof schemaBody>,
  ): Promise<OperationSchema> {
    const described = await this.find(component, operation);
    if (!described.dynamicSchemas?.[body.of]) return { schema: described[body.of] };
    const answer = await askForm<ReadSchemaRequest>(this.deps, caller.workspaceId, {
      call: 'readSchema',
      component,
      operation,
      ...body,
    });
    if (answer.outcome !== 'answered') throw formProblem(answer, { component, refused: 'schema_not_loaded' });
    return answer.value;
  }

  private async find(name: string, operation: string): Promise<OperationDescriptor> {
    const { manager } = this.deps.database.dataSource;
    const component = /^[a-z][a-z0-9-]{0,62}$/.test(name) ? await componentRepository(manager).find(name) : null;
    const found = component?.descriptor.operations.find((candidate) => candidate.name === operation);
    if (!found) throw problem('not_found', { detail: 'There is no such component or operation in the catalogue.' });
    return found;
  }
}
