import type { HookRequest, Reached, ResumeTarget, ResumeUrls } from '@millrace/contracts';
import type { NewResume, ResumeOutcome } from '@millrace/persistence';
import type { AdmissionControl } from '../admission/admission.js';
import type { IngestResult } from '../answers/answer.js';
import { refused } from '../answers/refusals.js';
import type { BodyRoom } from '../ingest/body-room.js';
import { headerOf, type Call } from '../ingest/call.js';
import { turnedAway } from '../ingest/ingest.js';
import { judge } from '../ingest/judge.js';
import { keptHeaders, keptQuery } from '../ingest/kept.js';
import { readCallBody, type BodyDeps } from '../ingest/read-call-body.js';
import { discardFiles } from '../ingest/stored-files.js';
import type { ResumeStep, ResumeSteps } from './resume-steps.js';

export interface ResumeDeps extends BodyDeps {
  steps: Pick<ResumeSteps, 'find'>;
  urls: Pick<ResumeUrls, 'read'>;
  admission: Pick<AdmissionControl, 'admit' | 'release'>;
  room: Pick<BodyRoom, 'hold'>;
  /** Resolves once what became of the call is durable. */
  insert(resume: NewResume): Promise<ResumeOutcome>;
  reached: Reached;
}

const unavailable = refused('unavailable', { headers: { 'retry-after': '5' } });
/** One answer for all tokens that are not ours: it does not tell what is wrong with them. */
const unknown = refused('not_found', { message: 'There is nothing at this address.' });

/**
 * Takes one call of a resume URL. Resolves `accepted` only once the call is kept in Postgres, whether the run has come to
 * the step yet or not. The order is: signature of the URL, step, method, admission, credential, body, Postgres.
 */
export async function resume(deps: ResumeDeps, call: Call, token: string): Promise<IngestResult> {
  const target = deps.urls.read(token);
  if (!target) return unknown;
  const { runId, stepId } = target;
  let step: ResumeStep | undefined;
  try {
    step = await deps.steps.find(target.versionId, stepId);
  } catch (error) {
    deps.logger.error({ err: error, runId, stepId }, 'a step could not be looked up');
    return unavailable;
  }
  if (!step) return unknown;
  const { door, limits, workspaceId } = step;
  // Mail programs look at links with HEAD: that must not approve what a person shall.
  if (!door.methods.has(call.method)) return refused('method_not_allowed', { headers: { allow: door.allow } });
  const admission = deps.admission.admit(limits);
  if (admission.outcome !== 'admitted') return turnedAway(admission);
  const hold = deps.room.hold(limits.workspaceLoad);
  try {
    const judged = door.authenticate.needsBody ? undefined : judge(door, call, empty);
    if (judged) return judged;
    // The files belong to the run that goes on with them.
    const body = await readCallBody(deps, call, { flow: { workspaceId }, filesOf: runId, trigger: door, hold });
    if (body.outcome !== 'read') return body;
    const kept = await keep(deps, { call, target, step, json: body.json });
    if (kept === 'kept') {
      deps.reached('resume.kept');
      return { outcome: 'accepted', answer: undefined };
    }
    // Of one whose fate is unknown they may be needed.
    if (kept !== 'unknown') await discardFiles(deps, body.files);
    return refusals[kept];
  } finally {
    deps.admission.release(limits);
    hold.letGo();
  }
}

const refusals = {
  alreadyResumed: refused('already_resumed'),
  gone: refused('gone'),
  unknown: unavailable,
} as const;

interface Arrived {
  call: Call;
  target: ResumeTarget;
  step: ResumeStep;
  json: Buffer;
}

async function keep(deps: ResumeDeps, { call, target, step, json }: Arrived): Promise<ResumeOutcome | 'unknown'> {
  const { door, workspaceId, ancestors, once, maxCalls } = step;
  const request: HookRequest = {
    method: call.method,
    path: call.path,
    query: keptQuery(call.query, door.secretPlaces.queryNames),
    headers: keptHeaders(call.headers, door.secretPlaces.headers),
    contentType: headerOf(call, 'content-type') ?? '',
  };
  try {
    return await deps.insert({ id: call.runId, workspaceId, target, ancestors, once, maxCalls, request, body: json });
  } catch (error) {
    const { runId, stepId } = target;
    deps.logger.warn({ err: error, runId, stepId, requestId: call.requestId }, 'a call could not be kept');
    return 'unknown';
  }
}

const empty = Buffer.alloc(0);
