import type { CredentialId, FlowId, FlowVersionId, JsonObject, StepId, WorkspaceId } from '@millrace/contracts';
import {
  compileMapping,
  needsSandbox,
  readsOf,
  unionOfReads,
  type CompiledMapping,
  type MappingReads,
} from '@millrace/mapping';
import type { DraftStep, Edge, FlowDraft } from './draft.js';
import { descendantsOf, type FlowTree, readTree } from './graph.js';
import { type Beginning, beginningOf } from './flow-settings.js';
import { retryPolicyOf, type RetryPolicy } from './retry-policy.js';
import { isReplyStep, isWaitStep } from './webhook-steps.js';
import { readSchedule, type Schedule } from './schedule.js';

/** A published version made ready to run. It never changes, so it is cached by its version id. */
export interface Plan {
  workspaceId: WorkspaceId;
  flowId: FlowId;
  versionId: FlowVersionId;
  trigger: PlanStep;
  /** The steps that answer the caller of the webhook URL; `replies` says whether there are any. */
  replySteps: readonly StepId[];
  replies: boolean;
  /** When the trigger is called; `undefined` when calls of the webhook URL set it off. */
  schedule: Schedule | undefined;
  /** How runs begin; `undefined` where nothing is set: each at once. */
  beginning: Beginning | undefined;
  /** Of all steps, each once. */
  components: readonly string[];
  step(id: StepId): PlanStep | undefined;
}

export interface PlanStep {
  id: StepId;
  component: string;
  operation: string;
  credentialId: CredentialId | null;
  config: JsonObject;
  mapping: CompiledMapping;
  /** Whether the mapping can be evaluated in the sandbox only. */
  sandboxed: boolean;
  timeoutMs: number;
  retry: RetryPolicy;
  children: PlanStep[];
  /** Whether not all of the children follow every output. */
  branches: boolean;
  /** How the edge that leads here is taken. */
  entry: Entry;
  /** From the trigger down to the parent. The step run of the n-th one has the first n places of this one's path. */
  ancestors: StepId[];
  /** The steps below whose resume URLs its mapping or condition may ask for. */
  resumes: readonly StepId[];
  /** What the messages of this step carry for the steps below it. */
  carries: { steps: CarriedStep[]; request: boolean };
}

/** A step above whose output is read below. */
export interface CarriedStep {
  id: StepId;
  /** The members that are read of an output that is an object. */
  members: ReadonlySet<string> | 'all';
}

/** `default`: when no condition of its siblings is true. */
export type Entry = { kind: 'always' } | { kind: 'default' } | Condition;

export interface Condition {
  kind: 'condition';
  source: string;
  compiled: CompiledMapping;
  /** Whether it can be evaluated in the sandbox only. */
  sandboxed: boolean;
}

export const defaultTimeoutMs = 60_000;

/** Compiles the definition of a published version. Throws on one that validation would have refused. */
export function compilePlan(
  ids: { workspaceId: WorkspaceId; flowId: FlowId; versionId: FlowVersionId },
  definition: FlowDraft,
): Plan {
  const { tree, problems } = readTree(definition);
  const [first] = problems;
  if (first) throw new Error(`version ${ids.versionId} cannot run: ${first.pointer}: ${first.message}`);
  const drafts = new Map(definition.steps.map((step) => [step.id, step]));
  const steps = new Map<StepId, PlanStep>();

  function compileStep(draft: DraftStep): { step: PlanStep; readsBelow: MappingReads } {
    const id = draft.id as StepId;
    const mapping = compileMapping(draft.mapping ?? {}).compiled;
    const entry = entryOf(tree.edgeTo(draft.id));
    const below = tree.childrenOf(draft.id).flatMap((child) => {
      const childDraft = drafts.get(child);
      return childDraft ? [compileStep(childDraft)] : [];
    });
    const readsBelow = unionOfReads(
      below.map(({ readsBelow: deeper, step: { mapping: read, entry } }) =>
        unionOfReads([deeper, readsOf(read), ...(entry.kind === 'condition' ? [readsOf(entry.compiled)] : [])]),
      ),
    );
    const ancestors = tree.ancestorsOf(draft.id) as StepId[];
    const step: PlanStep = {
      id,
      component: draft.component ?? '',
      operation: draft.operation ?? '',
      credentialId: (draft.credentialId ?? null) as CredentialId | null,
      config: draft.config ?? {},
      mapping,
      sandboxed: needsSandbox(mapping),
      timeoutMs: draft.timeoutMs ?? defaultTimeoutMs,
      retry: retryPolicyOf(draft.retry),
      children: below.map((child) => child.step),
      branches: below.some((child) => child.step.entry.kind !== 'always'),
      entry,
      ancestors,
      resumes: resumesOf(draft.id, entry.kind === 'condition' ? [mapping, entry.compiled] : [mapping]),
      carries: {
        // The result of a step decides its children's inputs. Its own output is in that result, so what must be
        // carried is what the steps below read of the steps above, and no more: each message on the way holds it.
        steps: ancestors.flatMap((ancestor): CarriedStep[] => {
          const members = readsBelow.allSteps ? 'all' : readsBelow.members.get(ancestor);
          return members ? [{ id: ancestor, members }] : [];
        }),
        request: readsBelow.request,
      },
    };
    steps.set(id, step);
    return { step, readsBelow };
  }

  function resumesOf(stepId: string, expressions: CompiledMapping[]): StepId[] {
    const { resumeSteps, anyResumeStep } = unionOfReads(expressions.map(readsOf));
    if (resumeSteps.size === 0 && !anyResumeStep) return [];
    const named = (id: string): boolean => resumeSteps.has(id) || (anyResumeStep && isWaitStep(drafts.get(id) ?? {}));
    return descendantsOf(tree, stepId).filter(named) as StepId[];
  }

  const trigger = compileStep(triggerOf(definition, tree)).step;
  const replySteps = definition.steps.filter(isReplyStep).map(({ id }) => id as StepId);
  const schedule = scheduleOf(definition);
  return {
    ...ids,
    trigger,
    replySteps,
    replies: replySteps.length > 0,
    schedule,
    beginning: beginningOf(definition.settings),
    components: [...new Set(Array.from(steps.values(), ({ component }) => component))],
    step: (id) => steps.get(id),
  };
}

function scheduleOf({ steps: [trigger] }: FlowDraft): Schedule | undefined {
  if (!trigger?.schedule) return undefined;
  const read = readSchedule(trigger.schedule);
  if (!read.ok) throw new Error(`the schedule of ${trigger.id} cannot be read: ${read.faults[0]?.message}`);
  return read.schedule;
}

function entryOf(edge: Edge | undefined): Entry {
  if (edge?.condition != null) {
    const { compiled } = compileMapping(edge.condition);
    return { kind: 'condition', source: edge.condition, compiled, sandboxed: needsSandbox(compiled) };
  }
  return { kind: edge?.default === true ? 'default' : 'always' };
}

function triggerOf(definition: FlowDraft, tree: FlowTree): DraftStep {
  const [trigger] = definition.steps;
  if (!trigger || tree.ancestorsOf(trigger.id).length > 0) throw new Error('a flow begins with its trigger');
  return trigger;
}
