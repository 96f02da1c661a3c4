import type { FlowId, Invalidation, RunId } from '@millrace/contracts';
import type { Logger } from '@millrace/observability';
import { maxSampleBytes } from '@millrace/persistence';

export interface CaptureDeps {
  /** Makes the call the sample of the step that waits for one; resolves false when none waits any more. */
  saveSample(captured: { flowId: FlowId; requestId: RunId; output: string }): Promise<boolean>;
  forget(invalidation: Invalidation): void;
  logger: Logger;
}

/** `late`: another call came first, or time is over. `tooLarge`: no sample has so many bytes, and the step waits on. */
export type Captured = 'captured' | 'late' | 'tooLarge' | 'unavailable';

/** Makes an authentic call whose body was read the sample of the step that waits for one. */
export async function captureSample(
  deps: CaptureDeps,
  { flowId, requestId, json }: { flowId: FlowId; requestId: RunId; json: Buffer },
): Promise<Captured> {
  if (json.length > maxSampleBytes) {
    const about = { flowId, requestId, bytes: json.length, maxSampleBytes };
    deps.logger.warn(about, 'a call is too large to become a sample, the step waits for the next one');
    return 'tooLarge';
  }
  try {
    const saved = await deps.saveSample({ flowId, requestId, output: json.toString('utf8') });
    // Whoever won: the flow waits for no sample any more.
    deps.forget({ flowIds: [flowId], credentialIds: [] });
    return saved ? 'captured' : 'late';
  } catch (error) {
    deps.logger.error({ err: error, flowId, requestId }, 'a sample could not be saved');
    return 'unavailable';
  }
}
