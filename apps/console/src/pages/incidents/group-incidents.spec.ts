import { expect, it } from 'vitest';
import type { Incident } from '../../api/schema.generated.js';
import { groupIncidents } from './group-incidents.js';

const incident = (fingerprint: string, flowId: string, count: number, hours: [number, number]): Incident => {
  const [first, last] = hours.map((hour) => new Date(Date.UTC(2026, 2, 10, hour)).toISOString());
  const run = `run of ${flowId}`;
  return {
    fingerprint,
    flowId,
    stepId: 'step_2',
    code: 'peer_refused',
    message: `as ${flowId} says it`,
    count,
    firstSeenAt: first ?? '',
    lastSeenAt: last ?? '',
    lastRunId: run,
    runIds: [run],
  };
};

it('puts the same failure of several flows together, what was seen last first', () => {
  const groups = groupIncidents([
    incident('a', 'one', 2, [3, 5]),
    incident('b', 'one', 1, [6, 6]),
    incident('a', 'two', 5, [1, 9]),
  ]);
  expect(groups.map(({ fingerprint, count }) => [fingerprint, count])).toEqual([
    ['a', 7],
    ['b', 1],
  ]);
  expect(groups[0]).toMatchObject({
    message: 'as two says it',
    lastRunId: 'run of two',
    firstSeenAt: '2026-03-10T01:00:00.000Z',
    lastSeenAt: '2026-03-10T09:00:00.000Z',
    flows: [
      { flowId: 'two', count: 5 },
      { flowId: 'one', count: 2 },
    ],
  });
});
