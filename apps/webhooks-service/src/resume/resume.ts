import type { FlowVersionId, HookRequest, Reached, ResumeTarget, ResumeUrls } from '@millrace/contracts';
import type { JudgingVersion, NewResume, ResumeOutcome } from '@millrace/persistence';
import type { AdmissionControl } from '../admission/admission.js';
import type { IngestResult } from '../answers/answer.js';
import { refused } from '../answers/refusals.js';
import type { HookTrigger } from '../flows/hook-trigger.js';
import type { BodyRoom } from '../ingest/body-room.js';
import { headerOf, type Call } from '../ingest/call.js';
import { turnedAway } from '../ingest/ingest.js';
import { judge } from '../ingest/judge.js';
import { keptHeaders, keptQuery } from '../ingest/kept.js';
import { readCallBody, type BodyDeps } from '../ingest/read-call-body.js';
import { discardFiles } from '../ingest/stored-files.js';
import { doorOfAll, type ResumeStep, type ResumeSteps } from './resume-steps.js';

export interface ResumeDeps extends BodyDeps {
  steps: Pick<ResumeSteps, 'find'>;
  urls: Pick<ResumeUrls, 'read'>;
  /** Of the step runs that a call would resume; that of the URL as long as there is none. */
  versionsOf(target: ResumeTarget): Promise<FlowVersionId[]>;
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
 * the step yet or not. The order is: signature of the URL, step, method, admission, step runs, credential, body, Postgres.
 * Once a step run is there it is judged by the version that it goes on with, which the URL may be older than.
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
  const { limits, workspaceId } = step;
  const { methods, allow } = step.door;
  // Mail programs look at links with HEAD: that must not approve what a person shall.
  if (!methods.has(call.method)) return refused('method_not_allowed', { headers: { allow } });
  const admission = deps.admission.admit(limits);
  if (admission.outcome !== 'admitted') return turnedAway(admission);
  const hold = deps.room.hold(limits.workspaceLoad);
  try {
    const judges = await judgesOf(deps, target);
    if (!judges) return unavailable;
    const { door, judgedBy } = judges;
    const judged = door.authenticate.needsBody ? undefined : judge(door, call, empty);
    if (judged) return judged;
    // The files belong to the run that goes on with them.
    const body = await readCallBody(deps, call, { flow: { workspaceId }, filesOf: runId, trigger: door, hold });
    if (body.outcome !== 'read') return body;
    const kept = await keep(deps, { call, target, step, door, judgedBy, json: body.json });
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
  // Called once more, it is judged by what the step goes on with.
  changed: unavailable,
  unknown: unavailable,
} as const;

interface Judges {
  door: HookTrigger;
  judgedBy: JudgingVersion[];
}

/** What the call is judged by; `undefined` when Postgres cannot be asked. */
async function judgesOf(deps: ResumeDeps, target: ResumeTarget): Promise<Judges | undefined> {
  const { runId, stepId } = target;
  try {
    const doors: HookTrigger[] = [];
    const judgedBy: JudgingVersion[] = [];
    for (const versionId of await deps.versionsOf(target)) {
      const step = await deps.steps.find(versionId, stepId);
      if (!step) throw new Error(`there is no step ${stepId} in version ${versionId}`);
      doors.push(step.door);
      judgedBy.push({ versionId, maxCalls: step.maxCalls });
    }
    const [first, ...others] = doors;
    if (!first) throw new Error('there is no version to judge by');
    return { door: doorOfAll([first, ...others]), judgedBy };
  } catch (error) {
    deps.logger.error({ err: error, runId, stepId }, 'the versions of step runs could not be looked up');
    return undefined;
  }
}

interface Arrived extends Judges {
  call: Call;
  target: ResumeTarget;
  step: ResumeStep;
  json: Buffer;
}

async function keep(deps: ResumeDeps, arrived: Arrived): Promise<ResumeOutcome | 'unknown'> {
  const { call, target, door, judgedBy, json } = arrived;
  const { workspaceId, ancestors } = arrived.step;
  const request: HookRequest = {
    method: call.method,
    path: call.path,
    query: keptQuery(call.query, door.secretPlaces.queryNames),
    headers: keptHeaders(call.headers, door.secretPlaces.headers),
    contentType: headerOf(call, 'content-type') ?? '',
  };
  try {
    return await deps.insert({ id: call.runId, workspaceId, target, ancestors, judgedBy, request, body: json });
  } catch (error) {
    const { runId, stepId } = target;
    deps.logger.warn({ err: error, runId, stepId, requestId: call.requestId }, 'a call could not be kept');
    return 'unknown';
  }
}

const empty = Buffer.alloc(0);
