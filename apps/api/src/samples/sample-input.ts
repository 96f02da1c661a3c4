import { newId, type Json, type WorkspaceId } from '@millrace/contracts';
import { inputOf, type DraftStep } from '@millrace/flow-model';
import { compileMapping } from '@millrace/mapping';
import { SandboxUnavailableError, type MappingError } from '@millrace/mapping-sandbox';
import { sampleRepository, type FlowRow } from '@millrace/persistence';
import type { ApiDeps } from '../deps.js';

/** Of all samples together that the mapping may read; larger ones count as missing. */
const maxSamplesBytes = 4 * 1024 * 1024;

export type SampleInput =
  | { outcome: 'mapped'; input: Json }
  | { outcome: 'failed'; errors: Pick<MappingError, 'pointer' | 'code' | 'message'>[] }
  | { outcome: 'unavailable' };

/** What the mapping of a step of a draft makes of the samples of the steps before it, by the code of the engine. */
export async function sampleInput(
  deps: Pick<ApiDeps, 'database' | 'mappings' | 'hookUrl' | 'logger'>,
  workspaceId: WorkspaceId,
  { flow, step }: { flow: FlowRow; step: DraftStep },
): Promise<SampleInput> {
  const { compiled, problems } = compileMapping(step.mapping ?? {});
  if (problems.length > 0) {
    const errors = problems.map(({ pointer, message }) => ({ pointer, code: 'invalid_expression', message }));
    return { outcome: 'failed', errors };
  }
  const rows = await sampleRepository(deps.database.dataSource.manager).list(workspaceId, flow.id, maxSamplesBytes);
  const samples = Object.fromEntries(rows.filter((row) => !row.outputElided).map((row) => [row.stepId, row.output]));
  const above = flow.draft.edges.find(({ to }) => to === step.id)?.from;
  try {
    const evaluated = await deps.mappings.evaluate(compiled, {
      output: above === undefined ? undefined : samples[above],
      steps: samples,
      request: { method: 'POST', path: '', query: {}, headers: {} },
      run: {},
      resumeUrls: `${deps.hookUrl}/resume/example`,
      seed: newId(),
      now: Date.now(),
    });
    return evaluated.ok
      ? { outcome: 'mapped', input: inputOf(evaluated.value) }
      : { outcome: 'failed', errors: evaluated.errors };
  } catch (error) {
    if (!(error instanceof SandboxUnavailableError)) throw error;
    deps.logger.error({ err: error }, 'the mapping of a step could not be evaluated for its sample');
    return { outcome: 'unavailable' };
  }
}
