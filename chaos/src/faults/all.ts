import { brokerAway } from './broker-away.js';
import { cutConnections } from './cut-connections.js';
import type { Fault } from './fault.js';
import { freezeBriefly } from './freeze-briefly.js';
import { freeze } from './freeze.js';
import { kill } from './kill.js';
import { postgresAway } from './postgres-away.js';
import { silence } from './silence.js';
import { targetUnwell } from './target-unwell.js';

export { kill };

/** Everything that is done to the stack besides killing its processes. */
export const otherFaults: readonly Fault[] = [
  freeze,
  freezeBriefly,
  silence,
  cutConnections,
  brokerAway,
  postgresAway,
  targetUnwell,
];
