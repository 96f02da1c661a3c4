import {
  assertNever,
  parseId,
  type CredentialId,
  type FlowId,
  type Json,
  type JsonObject,
  type OperationDescriptor,
  type ReadSchemaRequest,
  type StepId,
  type WorkspaceId,
} from '@millrace/contracts';
import type { DraftStep, Problem } from '@millrace/flow-model';
import {
  componentRepository,
  flowRepository,
  maxSampleBytes,
  noteAct,
  sampleRepository,
  type Actor,
  type FlowRow,
  type NewSample,
  type SampleRow,
} from '@millrace/persistence';
import { askForm, type NoFormAnswer } from '../components/ask-form.js';
import { draftProblems } from '../flows/draft-problems.js';
import { fieldChanges } from '../http/field-changes.js';
import { readSampleText, type SampleFault } from './read-sample-text.js';
import { retrieveSample, type Retrieval, type SampleDeps } from './retrieve-sample.js';
import { sampleOfSchema } from './sample-of-schema.js';
import type { TakeSample } from './schemas.js';

type Deps = SampleDeps;

export type SampleTaking =
  | { outcome: 'kept'; sample: SampleRow; step: DraftStep }
  /** The next request to the flow becomes the sample. */
  | { outcome: 'capturing'; expiresAt: Date }
  | { outcome: 'missingFlow' | 'missingStep' }
  | { outcome: 'unreadable'; faults: SampleFault[] }
  | { outcome: 'tooLarge'; sizeBytes: number }
  /** Something has to be chosen in the draft first; pointers lead into the draft. */
  | { outcome: 'incomplete'; problems: Problem[] }
  | { outcome: 'notCapturable' }
  /** The schema of its output depends on credential and configuration, and the component did not tell it. */
  | { outcome: 'noSchema'; component: string; answer: NoFormAnswer }
  | Exclude<Retrieval, { outcome: 'retrieved' }>;

interface Place {
  actor: Actor;
  workspaceId: WorkspaceId;
  flow: FlowRow;
  step: DraftStep & { id: StepId };
  /** Where the step stands in the draft. */
  at: number;
}

/** Gives a step of a draft a sample, or lets it wait for the request that becomes one. */
export async function takeSample(
  deps: Deps,
  actor: Actor,
  order: { flowId: FlowId; stepId: StepId; how: TakeSample },
): Promise<SampleTaking> {
  const { flowId, stepId, how } = order;
  const { workspaceId } = actor;
  const flow = await flowRepository(deps.database.dataSource.manager).find(workspaceId, flowId);
  if (!flow) return { outcome: 'missingFlow' };
  const at = flow.draft.steps.findIndex((step) => step.id === stepId);
  const step = flow.draft.steps[at];
  if (!step) return { outcome: 'missingStep' };
  const place = { actor, workspaceId, flow, step: { ...step, id: stepId }, at };
  switch (how.mode) {
    case 'manual': {
      if ('value' in how.content) return keep(deps, place, 'manual', how.content.value);
      const reading = readSampleText(how.content.format, how.content.text);
      return reading.ok
        ? keep(deps, place, 'manual', reading.value)
        : { outcome: 'unreadable', faults: reading.faults };
    }
    case 'generate': {
      const chosen = await chosenOperation(deps, place);
      if (chosen.outcome !== 'chosen') return chosen;
      const { operation } = chosen;
      if (!operation.dynamicSchemas?.output) return keep(deps, place, 'generated', sampleOfSchema(operation.output));
      const told = await askForm<ReadSchemaRequest>(deps, workspaceId, {
        call: 'readSchema',
        component: step.component ?? '',
        operation: operation.name,
        of: 'output',
        ...setUpOf(step),
      });
      if (told.outcome === 'answered') return keep(deps, place, 'generated', sampleOfSchema(told.value.schema));
      return { outcome: 'noSchema', component: step.component ?? '', answer: told };
    }
    case 'retrieve': {
      const chosen = await chosenOperation(deps, place);
      if (chosen.outcome !== 'chosen') return chosen;
      const { operation } = chosen;
      const problems = (await stepProblems(deps, place)).filter(
        ({ pointer }) => pointer === `/steps/${at}/credentialId`,
      );
      if (problems.length > 0) return { outcome: 'incomplete', problems };
      const retrieval = await retrieveSample(deps, workspaceId, {
        flow,
        step,
        operation,
        run: how.run,
        // Its effect is outside, and stays whatever is answered.
        beforeRun: () => note(deps.database.dataSource.manager, place, 'flow.step_run'),
      });
      return retrieval.outcome === 'retrieved' ? keep(deps, place, 'retrieved', retrieval.output) : retrieval;
    }
    case 'capture':
      return capture(deps, place);
    default:
      return assertNever(how);
  }
}

/** What of a step a component is told when its schemas are asked for. */
function setUpOf(step: DraftStep): { credentialId: CredentialId | null; config: JsonObject } {
  return { credentialId: parseId<CredentialId>(step.credentialId ?? '') ?? null, config: step.config ?? {} };
}

async function keep(deps: Deps, place: Place, source: NewSample['source'], value: Json): Promise<SampleTaking> {
  const { workspaceId, flow, step } = place;
  const output = JSON.stringify(value);
  const sizeBytes = Buffer.byteLength(output);
  if (sizeBytes > maxSampleBytes) return { outcome: 'tooLarge', sizeBytes };
  const sample = await deps.database.dataSource.transaction(async (manager) => {
    // A capture that ends here need not be told of: whoever still believes in it finds none to take.
    const kept = { flowId: flow.id, stepId: step.id, source, output };
    const row = await sampleRepository(manager).keep(workspaceId, kept);
    if (row) await note(manager, place, 'flow.sample_taken', source);
    return row;
  });
  return sample ? { outcome: 'kept', sample, step } : { outcome: 'missingFlow' };
}

async function capture(deps: Deps, place: Place): Promise<SampleTaking> {
  const { workspaceId, flow, step, at } = place;
  if (at > 0) return { outcome: 'notCapturable' };
  const problems = await stepProblems(deps, place);
  if (problems.some(({ code }) => code === 'no_trigger')) return { outcome: 'notCapturable' };
  if (problems.length > 0) return { outcome: 'incomplete', problems };
  const chosen = await chosenOperation(deps, place);
  if (chosen.outcome !== 'chosen') return chosen;
  if (chosen.operation.triggerType !== 'webhook') return { outcome: 'notCapturable' };
  const expiresAt = await deps.database.dataSource.transaction(async (manager) => {
    const until = await sampleRepository(manager).arm(workspaceId, flow.id, step.id);
    if (until) await note(manager, place, 'flow.sample_taken', 'capture');
    return until;
  });
  if (!expiresAt) return { outcome: 'missingFlow' };
  await deps.invalidate({ flowIds: [flow.id] });
  return { outcome: 'capturing', expiresAt };
}

/** Notes what was done with a step; of a sample only where it comes from, for it is data of the real system. */
async function note(
  manager: Parameters<typeof noteAct>[0],
  { actor, flow, step }: Place,
  action: 'flow.step_run' | 'flow.sample_taken',
  source?: string,
): Promise<void> {
  const changes = fieldChanges({}, { step: step.id, source });
  await noteAct(manager, actor, { action, entityId: flow.id, entityName: flow.name, changes });
}

/** The operation that the step uses, or what has to be chosen first. */
async function chosenOperation(
  deps: Deps,
  place: Place,
): Promise<{ outcome: 'chosen'; operation: OperationDescriptor } | { outcome: 'incomplete'; problems: Problem[] }> {
  const { step, at } = place;
  const component = step.component
    ? await componentRepository(deps.database.dataSource.manager).find(step.component)
    : null;
  const operation = component?.descriptor.operations.find(({ name }) => name === step.operation);
  if (operation) return { outcome: 'chosen', operation };
  const choices = [`/steps/${at}/component`, `/steps/${at}/operation`];
  const problems = (await stepProblems(deps, place)).filter(({ pointer }) => choices.includes(pointer));
  return { outcome: 'incomplete', problems };
}

/** What of the problems of the draft lies in the step. */
async function stepProblems(deps: Deps, { workspaceId, flow, at }: Place): Promise<Problem[]> {
  const problems = await draftProblems(deps.database.dataSource.manager, workspaceId, flow.draft);
  return problems.filter(({ pointer }) => pointer.startsWith(`/steps/${at}/`));
}
