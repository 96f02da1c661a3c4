import type { FlowId, Invalidation, Reached, RunId } from '@millrace/contracts';
import type { Logger } from '@millrace/observability';
import { maxSampleBytes } from '@millrace/persistence';

export interface CaptureDeps {
  /** Makes the call the sample of the step that waits for one; resolves false when none waits any more. */
  saveSample(captured: { flowId: FlowId; requestId: RunId; output: string }): Promise<boolean>;
  forget(invalidation: Invalidation): void;
  /** Flows that run and of which a call is becoming the sample. */
  capturing: Set<FlowId>;
  reached: Reached;
  logger: Logger;
}

/** `late`: another call came first, or time is over. `tooLarge`: no sample has so many bytes, and the step waits on. */
export type Captured = 'captured' | 'late' | 'tooLarge' | 'unavailable';

/** A call whose body was read. */
export interface CapturedCall {
  flowId: FlowId;
  requestId: RunId;
  json: Buffer;
}

const besideMs = 1_000;

/** Makes an authentic call whose body was read the sample of the step that waits for one. */
export async function captureSample(
  deps: Omit<CaptureDeps, 'capturing'>,
  { flowId, requestId, json }: CapturedCall,
): Promise<Captured> {
  if (json.length > maxSampleBytes) {
    const about = { flowId, requestId, bytes: json.length, maxSampleBytes };
    deps.logger.warn(about, 'a call is too large to become a sample, the step waits for the next one');
    return 'tooLarge';
  }
  try {
    const saved = await deps.saveSample({ flowId, requestId, output: json.toString('utf8') });
    deps.reached('hook.sampleSaved');
    // Whoever won: the flow waits for no sample any more.
    deps.forget({ flowIds: [flowId], credentialIds: [] });
    return saved ? 'captured' : 'late';
  } catch (error) {
    deps.logger.error({ err: error, flowId, requestId }, 'a sample could not be saved');
    return 'unavailable';
  }
}

/**
 * Has a call of a flow that runs become the sample, too. It was accepted whatever becomes of the sample, so it waits for
 * Postgres a second and no longer, while the sample is saved behind it; one call of a flow at a time is enough.
 */
export async function captureBeside(deps: CaptureDeps, call: CapturedCall): Promise<void> {
  const { capturing } = deps;
  if (capturing.has(call.flowId)) return;
  capturing.add(call.flowId);
  const captured = captureSample(deps, call).then(() => void capturing.delete(call.flowId));
  let timer: NodeJS.Timeout | undefined;
  const waited = new Promise<void>((resolve) => (timer = setTimeout(resolve, besideMs)));
  await Promise.race([captured, waited]);
  clearTimeout(timer);
}
