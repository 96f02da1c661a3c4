import type { Fault } from './fault.js';

/** The broker is restarted in order, or killed like any other process. Its data stays. */
export const brokerAway: Fault = {
  name: 'broker away',
  perKill: 0.06,
  ofServer: true,
  choose: (random) => ({
    on: 'broker',
    how: random.pick(['stopped', 'killed']),
    forMs: random.between(0, 1_500),
  }),
  inflict: ({ servers }, { how, forMs }) => servers.withoutBroker(how === 'killed' ? 'killed' : 'stopped', forMs),
};
