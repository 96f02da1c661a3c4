import { postgresAway } from '../faults/postgres-away.js';
import { brokerAway } from '../faults/broker-away.js';
import { cutConnections } from '../faults/cut-connections.js';
import type { Inflicted } from '../faults/storm.js';
import type { Ending } from '../stack/instance.js';

/** What a process may give up at when it starts: it is started again until its servers are back. */
const excuses: ReadonlySet<string> = new Set([postgresAway.name, brokerAway.name, cutConnections.name]);
/** A start waits for its servers for some seconds before it gives up. */
const startMs = 15_000;

/** Processes that ended by themselves although nothing that they need was away: no fault may end one but a kill. */
export function unexcused(endings: readonly Ending[], faults: readonly Inflicted[]): string[] {
  return endings
    .filter(
      ({ at }) => !faults.some(({ fault, from, until }) => excuses.has(fault) && from <= at && at <= until + startMs),
    )
    .map(({ instance, how, lastWords }) => `${instance} ${how} by itself: ${lastWords}`);
}
