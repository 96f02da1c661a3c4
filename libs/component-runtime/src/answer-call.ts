import { DONE, sendReply, type Delivery, type Outcome } from '@millrace/amqp';
import {
  assertNever,
  decodeRpcRequest,
  encodeRpcReply,
  type Decoded,
  type RpcReply,
  type RpcRequest,
  type VerifyCredentialRequest,
} from '@millrace/contracts';
import { createMask } from '@millrace/credentials';
import { answerWithin, interrupted, questionHttp, refusal, type QuestionDeps } from './answer-within.js';
import { listOptions, readSchema } from './form-calls.js';
import type { StepHandlerDeps } from './handle-step.js';
import { retrieveSample } from './retrieve-sample.js';
import type { StepDeps } from './run-step.js';
import type { Caller, RunningSteps } from './running-steps.js';
import { createStepLog } from './step-log.js';

/**
 * Makes the handler of `rpc.<component>`: answers each question once. Its caller waits and has a bound of its own, so an
 * answer that cannot be sent is dropped.
 */
export function createCallHandler(
  deps: StepHandlerDeps,
  running: RunningSteps,
): (delivery: Delivery) => Promise<Outcome> {
  async function replyTo(decoded: Decoded<RpcRequest>, delivery: Delivery): Promise<RpcReply> {
    if (!decoded.ok) return refusal('call_unreadable', decoded.reason);
    const { title } = deps.component;
    const { timeoutMs } = decoded.value;
    if (Date.now() - delivery.receivedAt > timeoutMs) {
      return refusal('timeout', `${title} had too many questions before this one to answer it within ${timeoutMs} ms`);
    }
    if (running.takesQuestions === 'ending') return interrupted();
    if (running.takesQuestions === 'busy') {
      return refusal(
        'component_busy',
        `${title} runs a step alone that ended its process before: ask again in a while`,
      );
    }
    return answerCall(deps, decoded.value, { running, caller: callerOf(delivery) });
  }

  return async (delivery) => {
    const decoded = decodeRpcRequest(delivery.body);
    const reply = await replyTo(decoded, delivery);
    try {
      await sendReply(deps.publisher, delivery, encodeRpcReply(reply), { contentType: 'application/json' });
    } catch (error) {
      deps.logger.warn({ err: error, messageId: delivery.messageId }, 'the answer to a call could not be sent');
    }
    return DONE;
  };
}

function callerOf({ replyTo, correlationId }: Delivery): Caller | undefined {
  return replyTo === undefined || correlationId === undefined ? undefined : { replyTo, correlationId };
}

/**
 * Answers a question of the control plane. Never rejects: whatever goes wrong is the answer. All of it is done on behalf of the
 * question, so that what the component's code does beyond it is known as its own.
 */
export async function answerCall(
  deps: StepDeps,
  request: RpcRequest,
  { running, caller }: { running: RunningSteps; caller?: Caller | undefined },
): Promise<RpcReply> {
  const question = running.ask({ component: deps.component.name, request, caller });
  try {
    return await running.call(question, () => answerOf({ ...deps, question }, request));
  } catch {
    // Its words may hold a secret.
    return refusal('operation_failed', `${deps.component.title} failed to read what it was asked`);
  } finally {
    running.end(question);
  }
}

async function answerOf(deps: QuestionDeps, request: RpcRequest): Promise<RpcReply> {
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
async function verifyCredential(deps: QuestionDeps, request: VerifyCredentialRequest): Promise<RpcReply> {
  const opening = deps.open(request);
  if (!opening.ok) return refusal(opening.code, opening.message);
  const verify = deps.component.credentials?.verify;
  const { fields, mask } = opening.opened;
  if (!verify) return { ok: true, value: null };
  const { timeoutMs } = request;
  const inVain = `${deps.component.title} could not check the credential`;
  return answerWithin(deps.question, { timeoutMs, mask, inVain }, async (time) => {
    await verify({
      credential: fields,
      settings: deps.settings,
      signal: time.abort.signal,
      logger: createStepLog(createMask([])).logger,
      http: questionHttp(deps.pools, time),
    });
    return null;
  });
}
