import type { BundledMessage } from '@millrace/amqp';
import { parseId, type FlowId, type FlowVersionId, type Reached } from '@millrace/contracts';
import { maxSampleBytes } from '@millrace/persistence';
import type { Admission, AdmissionControl } from '../admission/admission.js';
import type { IngestResult } from '../answers/answer.js';
import { refused } from '../answers/refusals.js';
import { captureBeside, captureSample, type CaptureDeps } from '../capture/capture-sample.js';
import { LookupsFull } from '../flows/flow-lookups.js';
import type { HookFlow, HookFlows } from '../flows/hook-flows.js';
import type { HookTrigger } from '../flows/hook-trigger.js';
import { resultOf } from '../replies/reply-result.js';
import type { AcceptedCalls } from '../ledger/accepted-calls.js';
import type { WaitingCaller, WaitingCallers } from '../replies/waiting-callers.js';
import type { BodyRoom, Hold } from './body-room.js';
import type { CallBody } from './call-body.js';
import type { Call } from './call.js';
import { isCertainlyLost } from './certainly-lost.js';
import { preflightHeaders } from './cors.js';
import { judge } from './judge.js';
import { readCallBody, type BodyDeps } from './read-call-body.js';
import { discardFiles } from './stored-files.js';
import { triggerMessage, type TriggerParts } from './trigger-message.js';

export interface IngestDeps extends BodyDeps {
  flows: Pick<HookFlows, 'peek' | 'find'>;
  admission: Pick<AdmissionControl, 'admit' | 'release'>;
  room: Pick<BodyRoom, 'hold'>;
  capture: CaptureDeps;
  callers: Pick<WaitingCallers, 'expect'>;
  accepted: Pick<AcceptedCalls, 'count'>;
  /** The queue on which this instance hears the answers of runs. */
  replyTo: string;
  /** Resolves once the broker has confirmed the message; rejects when that is not certain in time. */
  publish(message: BundledMessage): Promise<void>;
  reached: Reached;
  /** Milliseconds since the epoch. */
  clock: () => number;
}

const unavailable = refused('unavailable', { headers: { 'retry-after': '5' } });

/**
 * Takes one call of a webhook URL. Resolves `accepted` only once the broker holds the message on disk. The order is:
 * flow, method, admission, credential, body, publish; where the credential covers the body, the body is read first.
 */
export async function ingest(deps: IngestDeps, call: Call): Promise<IngestResult> {
  const flowId = parseId<FlowId>(call.flowId);
  if (!flowId) return refused('not_found');
  // What is kept is asked for without a promise: that is nearly always.
  let flow = deps.flows.peek(flowId);
  try {
    if (flow === undefined) flow = await deps.flows.find(flowId);
  } catch (error) {
    if (error instanceof LookupsFull) return refused('overloaded', { headers: { 'retry-after': '1' } });
    deps.logger.error({ err: error, flowId }, 'flow could not be looked up');
    return unavailable;
  }
  if (!flow) return refused('not_found');
  call.flow = flow;
  const { trigger, limits } = flow;
  if (!trigger) return refused('not_found', { forRecord: 'The flow does not run.' });
  const preflight = preflightHeaders(trigger.settings, call);
  if (preflight) return { outcome: 'preflight', headers: preflight };
  if (!trigger.methods.has(call.method)) return refused('method_not_allowed', { headers: { allow: trigger.allow } });
  const admission = deps.admission.admit(limits);
  if (admission.outcome !== 'admitted') return turnedAway(admission);
  const hold = deps.room.hold(limits.workspaceLoad);
  try {
    const judged = trigger.authenticate.needsBody ? undefined : judge(trigger, call, empty);
    if (judged) return judged;
    const body = await readCallBody(deps, call, { flow, trigger, hold });
    if (body.outcome !== 'read') return body;
    const { versionId } = flow;
    if (versionId === undefined) return await captureAlone(deps, call, { flow, trigger, body });
    return await store(deps, call, { flow, trigger, versionId, body, hold });
  } finally {
    deps.admission.release(limits);
    hold.letGo();
  }
}

interface Target {
  flow: HookFlow;
  trigger: HookTrigger;
}

/** A flow that does not run takes one call as the sample of a step. */
async function captureAlone(
  deps: IngestDeps,
  call: Call,
  { flow, trigger, body }: Target & { body: CallBody },
): Promise<IngestResult> {
  const { flowId } = flow;
  const captured = await captureSample(deps.capture, { flowId, requestId: call.runId, json: body.json });
  if (captured !== 'captured') await discardFiles(deps, body.files);
  switch (captured) {
    case 'captured':
      return { outcome: 'accepted', answer: trigger.answer };
    case 'tooLarge':
      return refused('body_too_large', {
        message: `The body as JSON is larger than ${maxSampleBytes} bytes.`,
        detail: { limitBytes: maxSampleBytes },
        forRecord: 'The flow does not run, and the call is too large for a sample: the step waits for another one.',
      });
    case 'late':
      return refused('not_found', { forRecord: 'The flow does not run, and another call has become the sample.' });
    case 'unavailable':
      return unavailable;
  }
}

async function store(
  deps: IngestDeps,
  call: Call,
  { flow, trigger, versionId, body, hold }: Target & { versionId: FlowVersionId; body: CallBody; hold: Hold },
): Promise<IngestResult> {
  // The answer of a fast run may be there before the broker's confirm is.
  const caller = flow.replies ? deps.callers.expect(call.runId) : undefined;
  const replyTo = caller && deps.replyTo;
  let asked = false;
  try {
    const publishing = publish(deps, call, { flow, versionId, trigger, body, replyTo, receivedAt: deps.clock() });
    asked = true;
    await publishing;
  } catch (error) {
    caller?.leave();
    deps.logger.warn({ err: error, flowId: flow.flowId, requestId: call.requestId }, 'call could not be stored');
    if (!asked || isCertainlyLost(error)) await discardFiles(deps, body.files);
    return unavailable;
  }
  deps.reached('hook.confirmed');
  deps.accepted.count(flow, call.runId);
  if (flow.captures) {
    await captureBeside(deps.capture, { flowId: flow.flowId, requestId: call.runId, json: body.json });
  }
  letGo(call, body);
  hold.letGo();
  return caller ? await heardBy(caller, call, trigger) : { outcome: 'accepted', answer: trigger.answer };
}

/** Apart, so that nothing that waits refers to the message. */
function publish(deps: IngestDeps, call: Call, parts: TriggerParts): Promise<void> {
  return deps.publish(triggerMessage(call, parts));
}

/** A caller may wait for minutes: the body that the broker has must not wait with it. */
function letGo(call: Call, body: CallBody): void {
  call.bytes = undefined;
  body.json = empty;
  body.raw = undefined;
}

async function heardBy(caller: WaitingCaller, call: Call, trigger: HookTrigger): Promise<IngestResult> {
  const { response } = call;
  const leave = (): void => caller.leave();
  if (response.destroyed || response.socket?.destroyed) leave();
  response.once('close', leave);
  caller.begin(trigger.settings.replyTimeoutSeconds * 1000);
  const heard = await caller.heard;
  response.off('close', leave);
  return resultOf(heard, trigger.answer);
}

/** The answer to a call for which there is no room, or no leave. */
export function turnedAway(admission: Exclude<Admission, { outcome: 'admitted' }>): IngestResult {
  const headers = { 'retry-after': String(admission.retryAfterSeconds) };
  if (admission.outcome === 'full') return refused('overloaded', { headers });
  return refused('too_many_requests', { headers, forRecord: reachedLimits[admission.of] });
}

const reachedLimits = {
  flow: 'The rate of the flow is used up.',
  workspace: 'The rate of the workspace is used up.',
  concurrent: 'The flow answers as many calls as it may at a time.',
  workspaceConcurrent: 'The workspace has as many calls in progress as one may have in a process.',
};

const empty = Buffer.alloc(0);
