import { outputOf, recordOf } from '../judge/judged-run.js';
import { scheduleFaults, type PollOutput } from '../judge/kinds/ticks.js';
import { insist } from './acts.js';
import { edge, record } from './drafts.js';
import { succeededWith } from './expectations.js';
import type { Kind } from './kind.js';

const everySeconds = 5;

/** A polling trigger on a schedule: each time is one poll, none is left out, and its snapshot goes with what it found. */
export const polled: Kind = {
  name: 'polled on a schedule',
  async create({ api }) {
    const { id } = await api.post<{ id: string }>('/v1/flows', { name: 'polled' });
    await api.put(`/v1/flows/${id}/draft`, {
      steps: [
        {
          id: 'step_1',
          component: 'probe',
          operation: 'ticks',
          schedule: { everySeconds },
          retry: { maxAttempts: 40, initialDelayMs: 200, maxDelayMs: 1_000 },
          timeoutMs: 5_000,
        },
        record('step_2', { value: 'count' }),
      ],
      edges: [edge('step_1', 'step_2')],
    });
    await api.post(`/v1/flows/${id}/publish`);
    await api.post(`/v1/flows/${id}/start`);
    let closedAt = Number.POSITIVE_INFINITY;
    return {
      flowIds: [id],
      send: () => Promise.reject(new Error('A flow that is polled has no URL.')),
      judge: (run) => succeededWith(run, ['step_1', 'step_2 0']),
      effects: (run) => [recordOf(run, 'step_2', '0')],
      accountsFor: () => true,
      async close() {
        closedAt = Date.now();
        await insist(api, `/v1/flows/${id}/stop`);
      },
      judgeAll(runs) {
        const polls = runs.flatMap((run) => {
          const output = outputOf<PollOutput>(run, 'step_1');
          return output ? [{ ...output, id: run.id }] : [];
        });
        return scheduleFaults(polls, { everyMs: everySeconds * 1_000, closedAt });
      },
    };
  },
};
