import { Body, Controller, Delete, Get, Inject, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { assertNever, requestIdOf, type FlowId, type StepId } from '@millrace/contracts';
import {
  captureMinutes,
  flowRepository,
  maxSampleBytes,
  noteAct,
  sampleRepository,
  type SampleRepository,
  type SampleRow,
} from '@millrace/persistence';
import { formProblem } from '../components/ask-form.js';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { flowIdParam, missingFlow } from '../flows/flows.controller.js';
import { webhookUrlOf } from '../flows/views.js';
import { Answers, Refuses } from '../http/answers.js';
import { CurrentCaller, type Caller } from '../http/caller.js';
import { stepIdParam } from '../http/fields.js';
import { problem } from '../http/problems.js';
import { Requires } from '../http/roles.js';
import type { StepMask } from '../runs/step-masks.js';
import {
  sampleList,
  sampleSchema,
  takenSample,
  takeSampleBody,
  type Sample,
  type SampleList,
  type TakenSample,
  type TakeSample,
} from './schemas.js';
import { takeSample, type SampleTaking } from './take-sample.js';

/** Of all outputs of a list together. */
const maxListBytes = 4 * 1024 * 1024;

@ApiTags('Samples')
@Controller('v1/flows/:flowId')
export class SamplesController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Post('steps/:stepId/sample')
  @Requires('member')
  @ApiOperation({
    summary: 'Give a step a sample',
    description:
      `Replaces the one before. A capture stays open for ${captureMinutes} minutes, on the webhook URL of the flow, ` +
      'whether the flow runs or was never started; a request that authenticates becomes the sample, and still starts ' +
      'a run where the flow runs. Any other mode ends the capture. To retrieve one takes at most 30 s; a polling trigger ' +
      'without a way of its own is polled as for a new flow, and what it would remember is forgotten. An action without ' +
      'one is run only with `run`, for that creates, sends or changes what the action does.',
  })
  @Answers(200, 'The sample, or until when the step waits for one', takenSample)
  @Refuses(
    'not_found',
    'validation_failed',
    'sample_invalid',
    'sample_too_large',
    'sample_not_capturable',
    'sample_not_retrievable',
    'sample_not_retrieved',
    'sample_not_found',
    'sample_needs_run',
    'schema_not_loaded',
    'mapping_failed',
    'step_incomplete',
    'too_many_requests',
    'unavailable',
    'component_unavailable',
    'component_timeout',
  )
  async takeSample(
    @CurrentCaller() caller: Caller,
    @Param('flowId', { schema: flowIdParam }) flowId: FlowId,
    @Param('stepId', { schema: stepIdParam }) stepId: StepId,
    @Body({ schema: takeSampleBody }) how: TakeSample,
  ): Promise<TakenSample> {
    const taking = await takeSample(this.deps, caller, { flowId, stepId, how });
    switch (taking.outcome) {
      case 'kept':
        return { ...sampleView(taking.sample, (await this.deps.stepMasks.ofDraft())(taking.step)), capture: null };
      case 'capturing':
        return {
          status: 'capturing',
          expiresAt: taking.expiresAt.toISOString(),
          webhookUrl: webhookUrlOf(flowId, this.deps.hookUrl),
        };
      default:
        throw refusal(taking);
    }
  }

  @Get('steps/:stepId/sample')
  @Requires('member')
  @ApiOperation({
    summary: 'The sample of a step',
    description: 'While the step waits for a request, `capture` tells until when, also where it has no sample yet.',
  })
  @Answers(200, 'The sample', sampleSchema)
  @Refuses('not_found', 'sample_missing')
  async readSample(
    @CurrentCaller() caller: Caller,
    @Param('flowId', { schema: flowIdParam }) flowId: FlowId,
    @Param('stepId', { schema: stepIdParam }) stepId: StepId,
  ): Promise<Sample> {
    const { samples, maskOf } = await this.samplesOf(caller, flowId);
    // The capture first: a sample that is captured in between is then shown, and not missed.
    const armedUntil = await samples.armedUntil(caller.workspaceId, flowId, stepId);
    const sample = await samples.find(caller.workspaceId, flowId, stepId);
    const capture = armedUntil ? { expiresAt: armedUntil.toISOString() } : null;
    if (sample) return { ...sampleView(sample, maskOf(stepId)), capture };
    const detail = capture
      ? 'The step waits for a request to its webhook URL, and none has come yet.'
      : 'Paste one, let one be generated, or send a request and let it be captured.';
    throw problem('sample_missing', { detail, extra: { capture } });
  }

  @Delete('steps/:stepId/sample')
  @Requires('member')
  @ApiOperation({ summary: 'Delete the sample of a step', description: 'Ends a capture for it, too.' })
  @Answers(204, 'It is gone')
  @Refuses('not_found', 'sample_missing')
  async deleteSample(
    @CurrentCaller() caller: Caller,
    @Param('flowId', { schema: flowIdParam }) flowId: FlowId,
    @Param('stepId', { schema: stepIdParam }) stepId: StepId,
  ): Promise<void> {
    await this.samplesOf(caller, flowId);
    const removed = await this.deps.database.dataSource.transaction(async (manager) => {
      if (!(await sampleRepository(manager).remove(caller.workspaceId, flowId, stepId))) return false;
      const changes = [{ field: 'step', before: stepId }];
      await noteAct(manager, caller, { action: 'flow.sample_deleted', entityId: flowId, changes });
      return true;
    });
    if (!removed) throw problem('sample_missing');
  }

  @Get('samples')
  @Requires('member')
  @ApiOperation({
    summary: 'The samples of all steps of a flow',
    description: 'All on one page, by step. Outputs above 4 MiB in sum are left out.',
  })
  @Answers(200, 'The samples', sampleList)
  @Refuses('not_found')
  async listSamples(
    @CurrentCaller() caller: Caller,
    @Param('flowId', { schema: flowIdParam }) flowId: FlowId,
  ): Promise<SampleList> {
    const { samples, maskOf } = await this.samplesOf(caller, flowId);
    const rows = await samples.list(caller.workspaceId, flowId, maxListBytes);
    const items = rows.map((row) => {
      const elided: 'output'[] = row.outputElided ? ['output'] : [];
      return { ...sampleView(row, maskOf(row.stepId)), elided };
    });
    return { items, nextCursor: null };
  }

  private async samplesOf(
    caller: Caller,
    flowId: FlowId,
  ): Promise<{ samples: SampleRepository; maskOf: (stepId: string) => StepMask }> {
    const { manager } = this.deps.database.dataSource;
    const flow = await flowRepository(manager).find(caller.workspaceId, flowId);
    if (!flow) throw missingFlow();
    const masks = await this.deps.stepMasks.ofDraft();
    return {
      samples: sampleRepository(manager),
      maskOf: (stepId) => masks(flow.draft.steps.find(({ id }) => id === stepId)),
    };
  }
}

/** What is marked secret is for the steps after this one, whose mappings are evaluated here, and for nobody to read. */
function sampleView(
  { stepId, source, output, requestId, updatedAt }: SampleRow,
  mask: StepMask,
): Omit<Sample, 'capture'> {
  return {
    stepId,
    source,
    output: mask.output(output),
    updatedAt: updatedAt.toISOString(),
    requestId: requestId && requestIdOf(requestId),
  };
}

type Refusal = Exclude<SampleTaking, { outcome: 'kept' | 'capturing' }>;

function refusal(refused: Refusal): ReturnType<typeof problem> {
  switch (refused.outcome) {
    case 'missingFlow':
      return missingFlow();
    case 'missingStep':
      return problem('not_found', { detail: 'The draft of the flow has no step of this id. Save the draft first.' });
    case 'unreadable': {
      const problems = refused.faults.map(({ message }) => ({ pointer: '/text', code: 'invalid', message }));
      const { line = null, column = null } = refused.faults[0] ?? {};
      const detail = problems.map(({ message }) => message).join(' ');
      return problem('sample_invalid', { detail, extra: { line, column, problems } });
    }
    case 'tooLarge':
      return problem('sample_too_large', {
        detail: `It has ${refused.sizeBytes} bytes as JSON, and ${maxSampleBytes} is the most. Shorten its lists and texts.`,
      });
    case 'incomplete': {
      const detail = refused.problems.map(({ message }) => message).join(' ');
      return problem('step_incomplete', { detail, extra: { problems: refused.problems.map((one) => ({ ...one })) } });
    }
    case 'notCapturable':
      return problem('sample_not_capturable', {
        detail: 'Only the webhook that starts a flow gets requests. Paste a sample, or let one be generated.',
      });
    case 'needsRun':
      return problem('sample_needs_run', {
        detail:
          `“${refused.title}” gives a sample only by being run, which does in the real system what it always does. ` +
          'Send `"run": true` to have it run on the mapped samples, or let a sample be generated.',
      });
    case 'nothingThere':
      return problem('sample_not_found', {
        detail: `“${refused.title}” found nothing in the real system. Create something there, or let a sample be generated.`,
      });
    case 'unmappable': {
      const problems = refused.errors.map(({ pointer, code, message }) => ({ pointer, code, message }));
      const detail =
        'The mapping of the step fails on the samples of the steps before: give those steps samples that fit.';
      return problem('mapping_failed', { detail, extra: { problems } });
    }
    case 'mappingUnavailable':
      return problem('unavailable', { detail: 'Mappings cannot be evaluated at the moment. Try again.' });
    case 'noSchema':
      return formProblem(refused.answer, { component: refused.component, refused: 'schema_not_loaded' });
    case 'unanswered':
      return formProblem(refused.answer, { component: refused.component, refused: 'sample_not_retrieved' });
    case 'notRetrievable':
      return problem('sample_not_retrievable', {
        detail: `“${refused.title}” offers no retrieval of samples. Paste a sample, or let one be generated.`,
      });
    default:
      return assertNever(refused);
  }
}
