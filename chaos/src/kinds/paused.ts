import { setTimeout as sleep } from 'node:timers/promises';
import { createRunningFlow } from '@millrace/dev';
import { recordOf } from '../judge/judged-run.js';
import { slipped, type Held } from '../judge/kinds/held.js';
import { act, insist } from './acts.js';
import { postJson, readPlainAnswer } from './call.js';
import { edge, receive, record } from './drafts.js';
import { succeededWith } from './expectations.js';
import type { Kind } from './kind.js';

const restMs = 1_500;
const holdMs = 1_500;
const stopMs = 700;
/** How fast the backlog begins in every other round. */
const runsPerSecond = 5;

/** A flow that somebody pauses and resumes, and now and then stops and starts with what has queued up. */
export const paused: Kind = {
  name: 'paused and resumed',
  async create({ api, open, hookUrl }) {
    const draft = {
      steps: [receive(open), record('step_2', { value: 'number' })],
      edges: [edge('step_1', 'step_2')],
    };
    const { id } = await createRunningFlow(api, { name: 'paused', draft });
    const held: Held[] = [];

    /** Whether the API said so. What was cut may have happened as well. */
    async function hold(how: 'pause' | 'stop', forMs: number): Promise<Omit<Held, 'until'> | undefined> {
      const { outcome } = await act(api, `/v1/flows/${id}/${how}`);
      if (outcome !== 'answered') return undefined;
      const from = Date.now();
      await sleep(forMs);
      return { how: how === 'pause' ? 'paused' : 'stopped', from };
    }

    async function round(number: number): Promise<void> {
      const pause = await hold('pause', holdMs);
      const stop = number % 3 === 0 ? await hold('stop', stopMs) : undefined;
      const until = Date.now();
      for (const one of [pause, stop]) if (one) held.push({ ...one, until });
      // A stop that was cut may have happened: a paused flow is resumed, a stopped one started.
      for (;;) {
        const ends = await act(api, `/v1/flows/${id}/resume`, number % 2 === 0 ? { runsPerSecond } : {});
        if (ends.outcome === 'answered') return;
        if (ends.outcome === 'refused' && ends.status === 409) return insist(api, `/v1/flows/${id}/start`);
        await sleep(100);
      }
    }

    return {
      flowIds: [id],
      send: (number) => postJson(hookUrl(id), number, { number }),
      // Stopped it is not there for its callers.
      read: async (answer) =>
        answer.status === 404 ? { outcome: 'refused', status: 404 } : await readPlainAnswer(answer),
      async meanwhile(stopping) {
        for (let number = 1; !stopping.aborted; number += 1) {
          await round(number);
          await sleep(restMs);
        }
      },
      judge: (run) => succeededWith(run, ['step_1', 'step_2 0']),
      effects: (run) => [recordOf(run, 'step_2', '0')],
      judgeAll: (runs) => [
        ...(held.length === 0 ? ['was never paused'] : []),
        ...held.flatMap((one) => slipped(runs, one)),
      ],
    };
  },
};
