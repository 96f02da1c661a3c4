import {
  copiesAreUsedForMs,
  type CredentialId,
  type FlowVersionId,
  type Invalidation,
  type StepId,
  type WorkspaceId,
} from '@millrace/contracts';
import { findResumeStep, type Database, type ResumeStepRow } from '@millrace/persistence';
import { createReadThroughCache } from '@millrace/platform';
import type { Authentication, RawRequest } from '@millrace/signatures';
import { readReceiveSettings, readWaitSettings, resumeMethods, type WaitSettings } from '@millrace/webhook-settings';
import type { AdmissionControl, FlowLimits } from '../admission/admission.js';
import { openHookCredential, type CredentialDeps, type HookCredential } from '../flows/hook-credential.js';
import { refuseEveryone, type HookTrigger } from '../flows/hook-trigger.js';

const keptSteps = 10_000;

/** A step whose resume URL can be called. Versions never change; its credential can. */
export interface ResumeStep {
  workspaceId: WorkspaceId;
  /** From the trigger down to its parent. */
  ancestors: StepId[];
  /** How many calls a step run takes. */
  maxCalls: number;
  /** What a call must pass, in the form in which those of webhook URLs do. */
  door: HookTrigger;
  limits: FlowLimits;
}

export interface ResumeSteps {
  /** `undefined` when there is none. Rejects when Postgres cannot be asked. */
  find(versionId: FlowVersionId, stepId: StepId): Promise<ResumeStep | undefined>;
  forget(invalidation: Invalidation): void;
  forgetAll(): void;
}

export interface ResumeStepsDeps extends CredentialDeps {
  database: Database;
  admission: Pick<AdmissionControl, 'limitsOf'>;
}

interface Kept {
  step: ResumeStep | undefined;
  credentialId: CredentialId | null;
}

/** Steps by version, kept in memory like flows. Only who has a signed URL gets here, so made-up ids do not. */
export function cachedResumeSteps(deps: ResumeStepsDeps): ResumeSteps {
  const kept = createReadThroughCache<string, Kept>({
    max: keptSteps,
    freshForMs: copiesAreUsedForMs,
    serveStale: true,
    async read(key) {
      const [versionId, stepId] = key.split(' ') as [FlowVersionId, StepId];
      const row = await findResumeStep(deps.database, versionId, stepId);
      return { step: row && prepare(row, deps), credentialId: row?.credentialId ?? null };
    },
  });
  return {
    find: async (versionId, stepId) => (await kept.find(`${versionId} ${stepId}`)).step,
    forget({ credentialIds }) {
      if (credentialIds.length === 0) return;
      kept.forgetWhere(({ credentialId }) => credentialId !== null && credentialIds.includes(credentialId));
    },
    forgetAll: () => kept.forgetAll(),
  };
}

/** No credential is asked for besides the URL. */
const openToAll: HookCredential = {
  authenticate: Object.assign(() => ({ outcome: 'authentic' }) as const, { needsBody: false }),
  secretPlaces: { headers: [], queryNames: [] },
  signatureHeaders: [],
};

const usualSettings = readReceiveSettings({});

function prepare(row: ResumeStepRow, deps: ResumeStepsDeps): ResumeStep {
  const { flowId, workspaceId, step, edges, credentialId, sealedCredential, workspaceRequestsPerSecond } = row;
  const { authentication, uses, maxCalls } = settingsOf(step);
  const credential =
    authentication === 'url'
      ? openToAll
      : openHookCredential({ flowId, workspaceId, credentialId, sealed: sealedCredential }, deps);
  const { authenticate, secretPlaces } = credential ?? refuseEveryone;
  return {
    workspaceId,
    ancestors: ancestorsOf(step.id, edges),
    maxCalls: uses === 'once' ? 1 : maxCalls,
    door: {
      settings: usualSettings,
      methods: new Set(resumeMethods),
      allow: resumeMethods.join(', '),
      answer: undefined,
      authenticate,
      secretPlaces,
    },
    limits: deps.admission.limitsOf({ flowId, workspaceId, workspaceRequestsPerSecond, settings: usualSettings }),
  };
}

/** What a call must pass where the step runs that it would resume are of several versions: the door of each. */
export function doorOfAll([first, ...others]: [HookTrigger, ...HookTrigger[]]): HookTrigger {
  if (others.length === 0) return first;
  const doors = [first, ...others];
  const authenticate = (request: RawRequest): Authentication => {
    for (const door of doors) {
      const authentication = door.authenticate(request);
      if (authentication.outcome !== 'authentic') return authentication;
    }
    return { outcome: 'authentic' };
  };
  return {
    ...first,
    authenticate: Object.assign(authenticate, { needsBody: doors.some((door) => door.authenticate.needsBody) }),
    secretPlaces: {
      headers: doors.flatMap(({ secretPlaces }) => secretPlaces.headers),
      queryNames: doors.flatMap(({ secretPlaces }) => secretPlaces.queryNames),
    },
  };
}

/** A step of another component that waits has no such settings: its URL is enough, once. */
function settingsOf({ component, operation, config }: ResumeStepRow['step']): WaitSettings {
  return readWaitSettings(component === 'webhook' && operation === 'wait' ? config : {});
}

function ancestorsOf(stepId: string, edges: ResumeStepRow['edges']): StepId[] {
  const parents = new Map(edges.map(({ from, to }) => [to, from]));
  const ancestors: StepId[] = [];
  for (let at = parents.get(stepId); at !== undefined; at = parents.get(at)) ancestors.unshift(at as StepId);
  return ancestors;
}
