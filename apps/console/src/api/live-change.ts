import { keys, type Subject } from './keys.js';

/** What the control plane tells of a change as it happens. */
export interface LiveChange {
  /** `run`, `flow`, `credential` … */
  type: string;
  flowId?: string;
  runId?: string;
}

/** The change that the data of a server-sent event holds; undefined when it holds none. */
export function readLiveChange(data: string): LiveChange | undefined {
  try {
    const value: unknown = JSON.parse(data);
    if (typeof value !== 'object' || value === null) return undefined;
    const { type, flowId, runId } = value as Record<string, unknown>;
    if (typeof type !== 'string') return undefined;
    return {
      type,
      ...(typeof flowId === 'string' && { flowId }),
      ...(typeof runId === 'string' && { runId }),
    };
  } catch {
    return undefined;
  }
}

/** By the types of `GET /v1/live`. */
const subjectsByType: Readonly<Record<string, readonly Subject[]>> = {
  run: [keys.runs, keys.incidents, keys.jobs, keys.flowFigures],
  job: [keys.jobs, keys.runs],
  flow: [keys.flows, keys.flowFigures, keys.runs],
  sample: [keys.flows],
  rejection: [keys.rejections],
  parked: [keys.parked],
  credential: [keys.credentials],
  component: [keys.components],
};

/** What pages show that a change may have made stale. A change of a kind that is not known touches everything. */
export function subjectsOf({ type }: LiveChange): readonly Subject[] {
  return subjectsByType[type] ?? Object.values(keys);
}
