import type { FlowId, WorkspaceId } from '@millrace/contracts';
import type { ReceiveSettings } from '@millrace/webhook-settings';
import { LRUCache } from 'lru-cache';
import type { RoomShare } from '../ingest/body-room.js';
import { fullBucket, returnToken, takeToken, type Bucket, type Rate } from './token-bucket.js';

/*
 * All limits hold per instance: an instance counts what it takes itself and asks nobody. With several instances behind a
 * balancer as many times the number is taken. A request that is refused for its credentials has used up its token.
 */

export interface AdmissionOptions {
  /** Requests that are being answered at a time in this process. */
  maxConcurrentRequests: number;
  /** Of these, those of one workspace: it cannot have the calls of others refused. */
  maxWorkspaceConcurrentRequests: number;
  /** Of a workspace that has no number of its own. */
  workspaceRequestsPerSecond: number;
  /** Of a flow that sets none; without it such flows have no limit of their own. */
  flowRequestsPerSecond?: number | undefined;
  /** Milliseconds of a clock that is never set back. */
  clock: () => number;
}

interface Limit {
  rate: Rate;
  bucket: Bucket;
}

/** What a request of a flow must pass. Made once each time the flow is read; the buckets in it live on. */
export interface FlowLimits {
  flow: Limit | undefined;
  workspace: Limit;
  maxConcurrent: number;
  load: { requests: number };
  workspaceLoad: WorkspaceLoad;
}

/** What the calls of a workspace that are in progress take of this process. */
export interface WorkspaceLoad extends RoomShare {
  requests: number;
}

export type Admission =
  | { outcome: 'admitted' }
  | { outcome: 'tooMany'; of: 'flow' | 'workspace' | 'concurrent' | 'workspaceConcurrent'; retryAfterSeconds: number }
  /** The process has enough to do, whoever asks. */
  | { outcome: 'full'; retryAfterSeconds: number };

export interface AdmissionControl {
  limitsOf(flow: LimitedFlow): FlowLimits;
  /** Every `admitted` is to be followed by one `release` of the same limits. */
  admit(limits: FlowLimits): Admission;
  release(limits: FlowLimits): void;
}

export interface LimitedFlow {
  flowId: FlowId;
  workspaceId: WorkspaceId;
  workspaceRequestsPerSecond: number | null;
  settings: Pick<ReceiveSettings, 'rateLimit' | 'maxConcurrentRequests'>;
}

/** More than flows are kept, so that no bucket goes while its flow is in use. */
const keptFlows = 100_000;
const keptWorkspaces = 20_000;
/** For what ends as requests end, not with time. */
const shortly = 1;
const admitted: Admission = { outcome: 'admitted' };

export function createAdmission(options: AdmissionOptions): AdmissionControl {
  const { maxConcurrentRequests, maxWorkspaceConcurrentRequests, clock } = options;
  const { workspaceRequestsPerSecond, flowRequestsPerSecond } = options;
  const flows = new LRUCache<FlowId, { bucket: Bucket | undefined; load: { requests: number } }>({ max: keptFlows });
  const workspaces = new LRUCache<WorkspaceId, { bucket: Bucket; load: WorkspaceLoad }>({ max: keptWorkspaces });
  let requests = 0;

  function workspaceState(workspaceId: WorkspaceId, rate: Rate): { bucket: Bucket; load: WorkspaceLoad } {
    let state = workspaces.get(workspaceId);
    if (!state) {
      state = { bucket: fullBucket(rate, clock()), load: { requests: 0, heldBytes: 0 } };
      workspaces.set(workspaceId, state);
    }
    return state;
  }

  return {
    limitsOf({ flowId, workspaceId, workspaceRequestsPerSecond: own, settings }) {
      const perSecond = own ?? workspaceRequestsPerSecond;
      const workspaceRate = { perSecond, burst: perSecond };
      const workspace = workspaceState(workspaceId, workspaceRate);
      let state = flows.get(flowId);
      if (!state) flows.set(flowId, (state = { bucket: undefined, load: { requests: 0 } }));
      const rate = rateOf(settings.rateLimit, flowRequestsPerSecond);
      if (rate) state.bucket ??= fullBucket(rate, clock());
      return {
        flow: rate && state.bucket ? { rate, bucket: state.bucket } : undefined,
        workspace: { rate: workspaceRate, bucket: workspace.bucket },
        maxConcurrent: settings.maxConcurrentRequests ?? Infinity,
        load: state.load,
        workspaceLoad: workspace.load,
      };
    },

    admit({ flow, workspace, maxConcurrent, load, workspaceLoad }) {
      if (requests >= maxConcurrentRequests) return { outcome: 'full', retryAfterSeconds: shortly };
      if (load.requests >= maxConcurrent) {
        return { outcome: 'tooMany', of: 'concurrent', retryAfterSeconds: shortly };
      }
      if (workspaceLoad.requests >= maxWorkspaceConcurrentRequests) {
        return { outcome: 'tooMany', of: 'workspaceConcurrent', retryAfterSeconds: shortly };
      }
      const nowMs = clock();
      const flowWaitMs = flow ? takeToken(flow.bucket, flow.rate, nowMs) : 0;
      if (flowWaitMs > 0) return { outcome: 'tooMany', of: 'flow', retryAfterSeconds: wholeSeconds(flowWaitMs) };
      const workspaceWaitMs = takeToken(workspace.bucket, workspace.rate, nowMs);
      if (workspaceWaitMs > 0) {
        if (flow) returnToken(flow.bucket, flow.rate);
        return { outcome: 'tooMany', of: 'workspace', retryAfterSeconds: wholeSeconds(workspaceWaitMs) };
      }
      requests += 1;
      load.requests += 1;
      workspaceLoad.requests += 1;
      return admitted;
    },

    release({ load, workspaceLoad }) {
      requests -= 1;
      load.requests -= 1;
      workspaceLoad.requests -= 1;
    },
  };
}

function rateOf(own: ReceiveSettings['rateLimit'], operatorsPerSecond: number | undefined): Rate | undefined {
  const perSecond = own?.requestsPerSecond ?? operatorsPerSecond;
  if (perSecond === undefined) return undefined;
  return { perSecond, burst: own?.burst ?? Math.max(1, Math.ceil(perSecond)) };
}

function wholeSeconds(waitMs: number): number {
  return Math.max(1, Math.ceil(waitMs / 1000));
}
