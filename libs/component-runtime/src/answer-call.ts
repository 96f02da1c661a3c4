import { DONE, sendReply, type Delivery, type Outcome } from '@millrace/amqp';
import {
  assertNever,
  decodeRpcRequest,
  encodeRpcReply,
  type RpcReply,
  type RpcRequest,
  type VerifyCredentialRequest,
} from '@millrace/contracts';
import { createMask } from '@millrace/credentials';
import { answerWithin, questionHttp, refusal } from './answer-within.js';
import { listOptions, readSchema } from './form-calls.js';
import type { StepHandlerDeps } from './handle-step.js';
import { retrieveSample } from './retrieve-sample.js';
import type { StepDeps } from './run-step.js';
import { createStepLog } from './step-log.js';

/**
 * Makes the handler of `rpc.<component>`: answers each question once. Its caller waits and has a bound of its own, so an
 * answer that cannot be sent is dropped.
 */
export function createCallHandler(deps: StepHandlerDeps): (delivery: Delivery) => Promise<Outcome> {
  return async (delivery) => {
    const decoded = decodeRpcRequest(delivery.body);
    const reply = decoded.ok ? await answerCall(deps, decoded.value) : refusal('call_unreadable', decoded.reason);
    try {
      await sendReply(deps.publisher, delivery, encodeRpcReply(reply), { contentType: 'application/json' });
    } catch (error) {
      deps.logger.warn({ err: error, messageId: delivery.messageId }, 'the answer to a call could not be sent');
    }
    return DONE;
  };
}

/** Answers a question of the control plane. Never rejects: whatever goes wrong is the answer. */
export function answerCall(deps: StepDeps, request: RpcRequest): Promise<RpcReply> {
  switch (request.call) {
    case 'verifyCredential':
      return verifyCredential(deps, request);
    case 'retrieveSample':
      return retrieveSample(deps, request);
    case 'listOptions':
      return listOptions(deps, request);
    case 'readSchema':
      return readSchema(deps, request);
    default:
      return assertNever(request);
  }
}

/** Whether the component accepts a credential: its fields fit, and the real system agrees where the component can ask. */
async function verifyCredential(deps: StepDeps, request: VerifyCredentialRequest): Promise<RpcReply> {
  const opening = deps.open(request);
  if (!opening.ok) return refusal(opening.code, opening.message);
  const verify = deps.component.credentials?.verify;
  const { fields, mask } = opening.opened;
  if (!verify) return { ok: true, value: null };
  const { timeoutMs } = request;
  return answerWithin({ timeoutMs, mask, inVain: `${deps.component.title} could not check the credential` }, (time) =>
    verify({
      credential: fields,
      settings: deps.settings,
      signal: time.abort.signal,
      logger: createStepLog(createMask([])).logger,
      http: questionHttp(deps.pools, time),
    }).then(() => null),
  );
}
