import { keys, type Subject } from './keys.js';

/** What the control plane tells of a change as it happens. */
export interface LiveChange {
  /** `Flow.Started`, `Run.Finished`, `Credential.Created` … */
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

const subjectsByWord: Readonly<Record<string, readonly Subject[]>> = {
  // What became of a run changes the figures of its flow, too.
  run: [keys.runs, keys.incidents, keys.jobs, keys.flows],
  job: [keys.jobs, keys.runs],
  incident: [keys.incidents],
  // A sample may have come in, and what a request was refused for.
  flow: [keys.flows, keys.runs, keys.rejections],
  sample: [keys.flows],
  rejection: [keys.rejections],
  rejected: [keys.rejections],
  request: [keys.rejections, keys.runs],
  parked: [keys.parked],
  credential: [keys.credentials],
  component: [keys.components],
  token: [keys.apiTokens],
  user: [keys.users],
  audit: [keys.audit],
  workspace: [keys.workspace],
};

/** What pages show that a change may have made stale. A change of a kind that is not known touches everything. */
export function subjectsOf(change: LiveChange): readonly Subject[] {
  const word = change.type.split(/[.\-_]/)[0]?.toLowerCase() ?? '';
  // An execution is how a flow's event names a run.
  if (/executed|failed|execution/i.test(change.type)) return subjectsByWord['run'] ?? [];
  return subjectsByWord[word] ?? Object.values(keys);
}
