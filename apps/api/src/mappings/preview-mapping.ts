import { newId, type Json, type WorkspaceId } from '@millrace/contracts';
import { compileMapping, type MappingProblem } from '@millrace/mapping';
import { SandboxUnavailableError, type MappingError } from '@millrace/mapping-sandbox';
import type { ApiDeps } from '../deps.js';
import type { PreviewMapping } from './schemas.js';

/** Of the mapping and its context together, as JSON. */
export const maxPreviewBytes = 1_000_000;
/** Of one workspace at a time: expressions that take their whole time shall not keep others from theirs. */
export const maxPreviewsAtOnce = 8;

export type Preview =
  | { outcome: 'mapped'; value: Json | undefined }
  | { outcome: 'failed'; errors: MappingError[] }
  | { outcome: 'invalid'; problems: MappingProblem[] }
  | { outcome: 'tooLarge'; sizeBytes: number }
  | { outcome: 'tooMany' | 'unavailable' };

const running = new Map<WorkspaceId, number>();

/**
 * Evaluates a mapping as the engine does, on a context that the caller brings. Nothing is kept. `$now()` is the present
 * time, what depends on chance is another thing each time, and a resume URL is an example that resumes nothing.
 */
export async function previewMapping(
  deps: Pick<ApiDeps, 'mappings' | 'hookUrl' | 'logger'>,
  workspaceId: WorkspaceId,
  { mapping, context }: PreviewMapping,
): Promise<Preview> {
  const sizeBytes = Buffer.byteLength(JSON.stringify({ mapping, context }));
  if (sizeBytes > maxPreviewBytes) return { outcome: 'tooLarge', sizeBytes };
  const { compiled, problems } = compileMapping(mapping);
  if (problems.length > 0) return { outcome: 'invalid', problems };
  const before = running.get(workspaceId) ?? 0;
  if (before >= maxPreviewsAtOnce) return { outcome: 'tooMany' };
  running.set(workspaceId, before + 1);
  try {
    const { output, steps, request, run } = context;
    const resumeUrls = `${deps.hookUrl}/resume/example`;
    const seeded = { output, steps, request, run, resumeUrls, seed: newId(), now: Date.now() };
    const evaluated = await deps.mappings.evaluate(compiled, seeded);
    return evaluated.ok
      ? { outcome: 'mapped', value: evaluated.value }
      : { outcome: 'failed', errors: evaluated.errors };
  } catch (error) {
    if (!(error instanceof SandboxUnavailableError)) throw error;
    deps.logger.error({ err: error }, 'a mapping could not be previewed');
    return { outcome: 'unavailable' };
  } finally {
    const left = (running.get(workspaceId) ?? 1) - 1;
    if (left > 0) running.set(workspaceId, left);
    else running.delete(workspaceId);
  }
}
