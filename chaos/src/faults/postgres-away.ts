import type { Fault } from './fault.js';

/** `pg_ctl stop -m immediate`, and started again: what was committed is there, what was not is gone. */
export const postgresAway: Fault = {
  name: 'Postgres stopped with immediate',
  perKill: 0.06,
  ofServer: true,
  choose: (random) => ({ on: 'Postgres', forMs: random.between(0, 2_000) }),
  inflict: ({ servers }, { forMs }) => servers.withoutPostgres(forMs),
};
