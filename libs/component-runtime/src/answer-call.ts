import { DONE, sendReply, type Delivery, type Outcome } from '@millrace/amqp';
import { createHttp, StepAbort } from '@millrace/component-sdk';
import { decodeRpcRequest, encodeRpcReply, type RpcReply, type RpcRequest } from '@millrace/contracts';
import type { StepHandlerDeps } from './handle-step.js';
import { createMask } from '@millrace/credentials';
import type { StepDeps } from './run-step.js';
import { failureOf } from './step-failure.js';
import { createStepLog } from './step-log.js';

const maxVerifyMs = 30_000;

class VerifyTimeout extends Error {
  override readonly name = 'VerifyTimeout';
}

/**
 * Makes the handler of `rpc.<component>`: answers each question once. Its caller waits and has a bound of its own, so an
 * answer that cannot be sent is dropped.
 */
export function createCallHandler(deps: StepHandlerDeps): (delivery: Delivery) => Promise<Outcome> {
  return async (delivery) => {
    const decoded = decodeRpcRequest(delivery.body);
    const reply = decoded.ok ? await verifyCredential(deps, decoded.value) : refusal('call_unreadable', decoded.reason);
    try {
      await sendReply(deps.publisher, delivery, encodeRpcReply(reply), { contentType: 'application/json' });
    } catch (error) {
      deps.logger.warn({ err: error, messageId: delivery.messageId }, 'the answer to a call could not be sent');
    }
    return DONE;
  };
}

/** Whether the component accepts a credential: its fields fit, and the real system agrees where the component can ask. */
export async function verifyCredential(deps: StepDeps, request: RpcRequest): Promise<RpcReply> {
  const opening = deps.open(request);
  if (!opening.ok) return refusal(opening.code, opening.message);
  const verify = deps.component.credentials?.verify;
  const { fields, mask } = opening.opened;
  if (!verify) return { ok: true, value: null };
  const timeoutMs = Math.min(request.timeoutMs, maxVerifyMs);
  const abort = new StepAbort();
  const timer = setTimeout(() => abort.abort(new VerifyTimeout()), timeoutMs);
  try {
    const verifying = (async () =>
      verify({
        credential: fields,
        settings: deps.settings,
        signal: abort.signal,
        logger: createStepLog(createMask([])).logger,
        http: createHttp({ pools: deps.pools, abort, deadlineAt: Date.now() + timeoutMs, record: () => undefined }),
      }))();
    await abort.bound(verifying);
    return { ok: true, value: null };
  } catch (error) {
    if (abort.aborted) {
      return refusal('timeout', `${deps.component.title} could not check the credential within ${timeoutMs} ms`);
    }
    return { ok: false, error: failureOf(error, mask).error };
  } finally {
    clearTimeout(timer);
  }
}

function refusal(code: string, message: string): RpcReply {
  return { ok: false, error: { code, message, detail: null } };
}
