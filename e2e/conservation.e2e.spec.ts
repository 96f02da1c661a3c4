import { reportText, runChaos, shortForm } from '@millrace/chaos';
import { expect, it } from 'vitest';

/** Another one each time: the report of a failure names it, and `npm run chaos -- --seed N` takes the same plan. */
const seed = Date.now() % 1_000_000;

it('every accepted request of every kind comes to its one end, whatever is killed, frozen, cut or restarted', async () => {
  const outcome = await runChaos({ ...shortForm, seed });
  expect(outcome.problems, `seed ${seed}\n${reportText(outcome)}`).toEqual([]);
  expect(outcome.ledger.refusals.get('cut') ?? 0).toBeGreaterThan(0);
  expect(outcome.faults.filter(({ fault }) => fault === 'kill -9').length).toBeGreaterThanOrEqual(20);
}, 600_000);
