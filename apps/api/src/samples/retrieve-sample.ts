import {
  parseId,
  type CredentialId,
  type Json,
  type OperationDescriptor,
  type RetrieveSampleRequest,
  type WorkspaceId,
} from '@millrace/contracts';
import type { DraftStep } from '@millrace/flow-model';
import type { FlowRow } from '@millrace/persistence';
import { askForm, type FormAnswer, type NoFormAnswer } from '../components/ask-form.js';
import type { ApiDeps } from '../deps.js';
import { sampleInput, type SampleInput } from './sample-input.js';

export type SampleDeps = Pick<
  ApiDeps,
  'database' | 'invalidate' | 'askComponent' | 'verifyWithinMs' | 'mappings' | 'hookUrl' | 'logger'
>;

export type Retrieval =
  | { outcome: 'retrieved'; output: Json }
  /** The real system has nothing of the kind. */
  | { outcome: 'nothingThere'; title: string }
  /** It would have to be run for real, and the caller did not ask for that. */
  | { outcome: 'needsRun'; title: string }
  | { outcome: 'notRetrievable'; title: string }
  | { outcome: 'unmappable'; errors: Extract<SampleInput, { outcome: 'failed' }>['errors'] }
  | { outcome: 'mappingUnavailable' }
  | { outcome: 'unanswered'; component: string; answer: NoFormAnswer };

/**
 * Asks the component of a step for one of its outputs. With `run` an action is run for real, on what its mapping makes of the
 * samples before it; without, nothing changes anywhere.
 */
export async function retrieveSample(
  deps: SampleDeps,
  workspaceId: WorkspaceId,
  order: {
    flow: FlowRow;
    step: DraftStep;
    operation: OperationDescriptor;
    run: boolean;
    /** Done before an action is run; where it fails, none is. */
    beforeRun: () => Promise<void>;
  },
): Promise<Retrieval> {
  const { flow, step, operation, run } = order;
  const { title } = operation;
  const runs = run && operation.kind === 'action';
  if (runs && operation.waits) return { outcome: 'notRetrievable', title };
  if (!runs && !operation.retrievesSample) {
    return { outcome: operation.kind === 'action' && !operation.waits ? 'needsRun' : 'notRetrievable', title };
  }
  const mapped = await sampleInput(deps, workspaceId, { flow, step });
  if (runs && mapped.outcome === 'failed') return { outcome: 'unmappable', errors: mapped.errors };
  if (runs && mapped.outcome === 'unavailable') return { outcome: 'mappingUnavailable' };
  if (runs) await order.beforeRun();
  const component = step.component ?? '';
  const answer = await askForm<RetrieveSampleRequest>(deps, workspaceId, {
    call: 'retrieveSample',
    component,
    operation: operation.name,
    credentialId: parseId<CredentialId>(step.credentialId ?? '') ?? null,
    config: step.config ?? {},
    input: mapped.outcome === 'mapped' ? mapped.input : {},
    run: runs,
  });
  return sampleOf(answer, component, title);
}

function sampleOf(
  answer: FormAnswer<{ found: true; output: Json } | { found: false }>,
  component: string,
  title: string,
): Retrieval {
  if (answer.outcome !== 'answered') return { outcome: 'unanswered', component, answer };
  const { value } = answer;
  return value.found ? { outcome: 'retrieved', output: value.output } : { outcome: 'nothingThere', title };
}
