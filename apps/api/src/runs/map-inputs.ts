import {
  requestContext,
  type Json,
  type JsonObject,
  type RunId,
  type StepId,
  type StepPath,
} from '@millrace/contracts';
import { branchOf, contextOnBranch, emissionOf, inputOf, type PlanStep } from '@millrace/flow-model';
import type { CompiledMapping, MappingContext } from '@millrace/mapping';
import { inputShape, SandboxUnavailableError, type MappingError, type MappingOutcome } from '@millrace/mapping-sandbox';
import { readRequest, readStepRuns, type StepRunState } from '@millrace/persistence';
import type { ApiDeps } from '../deps.js';
import type { CompiledVersion } from './plans.js';

/** A step run of which the input is to be found anew. */
export interface UnmappedStepRun {
  version: CompiledVersion;
  step: PlanStep;
  path: StepPath;
  /** Whether the condition of the edge to it must be true first. */
  needsDecision: boolean;
}

/** Why there is no input. The pointer leads into the definition of the version. */
export interface InputFault extends MappingError {
  stepId: string;
  path: string;
}

export type MappedInputs<Given> =
  /** JSON texts; what would exceed the bound of all together is missing. */
  | { outcome: 'mapped'; inputs: Map<Given, string> }
  | { outcome: 'unmappable'; faults: InputFault[] }
  | { outcome: 'conditionNotTrue'; stepId: PlanStep['id']; path: StepPath }
  | { outcome: 'sandboxUnavailable' };

type Deps = Pick<ApiDeps, 'database' | 'mappings' | 'resumeUrls' | 'logger'>;

const evaluatedAtOnce = 50;
const maxFaults = 20;
const maxInputBytes = 64 * 1024 * 1024;

/** Evaluates conditions and mappings of step runs on what the rows of their branches and the request hold. */
export async function mapInputs<Given extends UnmappedStepRun>(
  deps: Deps,
  runId: RunId,
  given: Given[],
): Promise<MappedInputs<Given>> {
  const inputs = new Map<Given, string>();
  if (given.length === 0) return { outcome: 'mapped', inputs };
  const kept = await readRequest(deps.database, runId);
  const request = kept && requestContext(kept.request, kept.body);
  const faults: InputFault[] = [];
  let rows = new Map<string, StepRunState>();
  let bytes = 0;
  for (let at = 0; at < given.length && bytes < maxInputBytes && faults.length < maxFaults; at += evaluatedAtOnce) {
    const portion = given.slice(at, at + evaluatedAtOnce);
    // Neighbours share their ancestors, which may be large: what the portion before had read is used again.
    rows = await rowsAbove(deps, runId, portion, rows);
    try {
      const made = await Promise.all(
        portion.map((one) => inputFor(deps, one, contextOf(deps, { runId, given: one, rows, request }))),
      );
      for (const [index, { fault, input, notTaken }] of made.entries()) {
        const one = portion[index];
        if (!one) continue;
        if (notTaken) return { outcome: 'conditionNotTrue', stepId: one.step.id, path: one.path };
        if (fault) faults.push(...fault);
        else if (bytes < maxInputBytes) {
          bytes += input.length;
          inputs.set(one, input);
        }
      }
    } catch (error) {
      if (!(error instanceof SandboxUnavailableError)) throw error;
      deps.logger.error({ err: error, runId }, 'the mappings of a retry could not be evaluated');
      return { outcome: 'sandboxUnavailable' };
    }
  }
  if (faults.length > 0) return { outcome: 'unmappable', faults: faults.slice(0, maxFaults) };
  return { outcome: 'mapped', inputs };
}

interface MadeInput {
  input: string;
  fault?: InputFault[];
  notTaken?: boolean;
}

async function inputFor(deps: Deps, given: UnmappedStepRun, context: SeededContext): Promise<MadeInput> {
  const { step, path, version } = given;
  const faultsOf = (pointer: string, errors: MappingError[]): MadeInput => ({
    input: '',
    fault: errors.map((error) => ({ ...error, pointer: `${pointer}${error.pointer}`, stepId: step.id, path })),
  });
  if (given.needsDecision && step.entry.kind === 'condition') {
    const { compiled, source } = step.entry;
    const pointer = `/edges/${version.definition.edges.findIndex(({ to }) => to === step.id)}/condition`;
    const decided = await evaluate(deps, compiled, context);
    if (!decided.ok) return faultsOf(pointer, decided.errors);
    if (typeof decided.value !== 'boolean') return faultsOf(pointer, [notBoolean(source, decided.value, context)]);
    if (!decided.value) return { input: '', notTaken: true };
  }
  const outcome = await evaluate(deps, step.mapping, context);
  if (outcome.ok) return { input: JSON.stringify(inputOf(outcome.value)) };
  const index = version.definition.steps.findIndex(({ id }) => id === step.id);
  return faultsOf(`/steps/${index}/mapping`, outcome.errors);
}

interface SeededContext extends MappingContext {
  seed: string;
  now: number;
}

function evaluate(deps: Deps, mapping: CompiledMapping, context: SeededContext): Promise<MappingOutcome> {
  return deps.mappings.evaluate(mapping, context);
}

interface Known {
  runId: RunId;
  given: UnmappedStepRun;
  rows: Map<string, StepRunState>;
  request: JsonObject | undefined;
}

function contextOf(deps: Deps, { runId, given, rows, request }: Known): SeededContext {
  const { version, step, path } = given;
  const known: Record<string, Json> = {};
  for (const above of branchOf(step, path)) {
    const row = rows.get(`${above.stepId} ${above.path}`);
    if (row) known[above.stepId] = emissionOf(row, above.emission);
  }
  const context = contextOnBranch(version.plan, step, { runId, known, request });
  const resumeUrls = resumeUrlsFor(deps, runId, given);
  return { ...context, resumeUrls, seed: `${runId}:${step.id}:${path}`, now: Date.now() };
}

/** What `$resumeUrl` gives, as when the step was first mapped: of the version that it goes on with, in which the step waits. */
function resumeUrlsFor(
  { resumeUrls }: Deps,
  runId: RunId,
  { version, step, path }: UnmappedStepRun,
): Record<StepId, string> {
  const { versionId } = version.plan;
  const urls = step.resumes.map((stepId) => [stepId, resumeUrls.sign({ runId, versionId, stepId, path })] as const);
  return Object.fromEntries(urls) as Record<StepId, string>;
}

/** The rows of all step runs above the given ones; those that are known are not read again, others are forgotten. */
async function rowsAbove(
  { database }: Deps,
  runId: RunId,
  given: UnmappedStepRun[],
  known: Map<string, StepRunState>,
): Promise<Map<string, StepRunState>> {
  const needed = new Map(
    given.flatMap(({ step, path }) => branchOf(step, path).map((above) => [`${above.stepId} ${above.path}`, above])),
  );
  const rows = new Map<string, StepRunState>();
  for (const name of needed.keys()) {
    const row = known.get(name);
    if (row) rows.set(name, row);
  }
  const keys = [...needed].filter(([name]) => !rows.has(name)).map(([, { stepId, path }]) => ({ runId, stepId, path }));
  if (keys.length === 0) return rows;
  for (const row of await readStepRuns(database, keys)) rows.set(`${row.stepId} ${row.path}`, row);
  return rows;
}

function notBoolean(expression: string, value: Json | undefined, { output }: MappingContext): MappingError {
  const gave = value === undefined ? 'nothing' : inputShape(value);
  return {
    pointer: '',
    expression,
    position: 0,
    code: 'not_boolean',
    message: `A condition gives true or false, and this one gave ${gave}: compare something, or use $boolean().`,
    inputShape: inputShape(output),
  };
}
