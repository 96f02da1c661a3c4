import type { Fault } from './fault.js';

/**
 * Connections to the broker or to Postgres end abruptly, those of one process or of all. What was under way has been done or
 * not, and nobody on this side knows.
 */
export const cutConnections: Fault = {
  name: 'connections cut',
  perKill: 0.2,
  choose(random, processes) {
    const how = random.pick(['broker', 'database']);
    const possible = processes.filter(({ usesDatabase }) => how === 'broker' || usesDatabase);
    return { on: random.next() < 0.2 ? 'all' : random.pick(possible).name, how, forMs: 0 };
  },
  async inflict({ instances }, { on, how }) {
    for (const one of instances) {
      if (on !== 'all' && on !== one.name) continue;
      (how === 'broker' ? one.brokerWay : one.databaseWay)?.cut();
    }
  },
};
