import type { Incident } from '../../api/schema.generated.js';

/** One kind of failure over all the flows in which it was seen. */
export interface IncidentGroup {
  fingerprint: string;
  stepId: string;
  code: string;
  /** As the newest of them says it. */
  message: string;
  count: number;
  firstSeenAt: string;
  lastSeenAt: string;
  lastRunId: string;
  /** Where most were seen first. */
  flows: { flowId: string; count: number }[];
}

/** Puts the same failure of several flows together; what was seen last comes first. */
export function groupIncidents(incidents: readonly Incident[]): IncidentGroup[] {
  const groups = new Map<string, IncidentGroup>();
  for (const incident of incidents) {
    const { fingerprint, flowId, stepId, code, message, count, firstSeenAt, lastSeenAt, lastRunId } = incident;
    const known = groups.get(fingerprint);
    const flow = { flowId, count };
    if (!known) {
      groups.set(fingerprint, {
        fingerprint,
        stepId,
        code,
        message,
        count,
        firstSeenAt,
        lastSeenAt,
        lastRunId,
        flows: [flow],
      });
      continue;
    }
    known.count += count;
    known.flows.push(flow);
    if (firstSeenAt < known.firstSeenAt) known.firstSeenAt = firstSeenAt;
    if (lastSeenAt > known.lastSeenAt) Object.assign(known, { lastSeenAt, lastRunId, message });
  }
  for (const group of groups.values()) group.flows.sort((one, other) => other.count - one.count);
  return [...groups.values()].toSorted((one, other) => (one.lastSeenAt < other.lastSeenAt ? 1 : -1));
}
