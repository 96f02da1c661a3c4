import { setTimeout as sleep } from 'node:timers/promises';
import { createRunningFlow } from '@millrace/dev';
import { recordOf, type JudgedRun } from '../judge/judged-run.js';
import { cancelsAmiss, overlooking, refusedIn, replaysAmiss, type Job } from '../judge/kinds/jobs.js';
import { act, look } from './acts.js';
import { postJson } from './call.js';
import { edge, receive, record } from './drafts.js';
import { hasStatus, succeededWith } from './expectations.js';
import type { Ground, Kind } from './kind.js';

const actions = ['retry', 'replay', 'cancel'] as const;
type Action = (typeof actions)[number];

const actionOf = (number: number): Action => actions[number % actions.length] ?? 'retry';

const everyMs = 4_000;
/** So many requests as come in this time are replayed each time: replays are not replayed without end. */
const replayedWindowMs = 1_500;
const lookEveryMs = 500;

/**
 * Runs that jobs retry, replay and cancel in bulk: each one that a job counts, exactly once. Jobs of which nobody heard that
 * they were taken may be there, too: what the API lists counts.
 */
export const inBulk: Kind = {
  name: 'acted on in bulk',
  async create(ground) {
    const { api, hookUrl } = ground;
    const flows = new Map<Action, string>();
    for (const action of actions) flows.set(action, await makeFlow(ground, action));
    const flowOf = (action: Action): string => flows.get(action) ?? '';
    const byId = new Map<string, Job>();
    const openJobs = (): number => [...byId.values()].filter(isOpen).length;
    let begun = 0;
    let seen = 0;

    /** Looks at the newest jobs, as far back as any may have changed. */
    async function lookAtJobs(): Promise<void> {
      const before = begun;
      let left = openJobs();
      let cursor: string | null = null;
      do {
        const after: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
        const page: { items: Job[]; nextCursor: string | null } | undefined = await look(
          api,
          `/v1/jobs?limit=100${after}`,
        );
        if (!page) return;
        const unknown = page.items.filter(({ id }) => !byId.has(id)).length;
        left -= page.items.filter(({ id }) => isOpen(byId.get(id))).length;
        for (const job of page.items) byId.set(job.id, job);
        cursor = unknown > 0 || left > 0 ? page.nextCursor : null;
      } while (cursor !== null);
      seen = before;
    }

    async function begin(action: Action, filter: object): Promise<void> {
      await act(api, '/v1/runs/bulk', { action, filter: { flowId: flowOf(action), ...filter } });
      // Also one that was cut: it may be there.
      begun += 1;
    }

    return {
      flowIds: [...flows.values()],
      send: (number) => postJson(hookUrl(flowOf(actionOf(number))), number, { number }),
      async meanwhile(stopping) {
        while (!stopping.aborted) {
          const now = Date.now();
          await begin('retry', { status: 'failed' });
          const from = new Date(now - replayedWindowMs).toISOString();
          await begin('replay', { from, to: new Date(now).toISOString(), status: 'succeeded' });
          await begin('cancel', {});
          await sleep(everyMs);
        }
      },
      async throughout(over) {
        while (!over.aborted) {
          await sleep(lookEveryMs);
          if (seen < begun || openJobs() > 0) await lookAtJobs();
        }
      },
      pending: () => openJobs() + begun - seen,
      judge: (run) => judgeRun(run, [...byId.values()]),
      effects: (run) => [
        {
          ...recordOf(run, 'step_2', '0'),
          optional: run.status !== 'succeeded',
        },
      ],
      accountsFor: ({ replayOf }) => replayOf !== null,
      judgeAll(runs) {
        const jobs = [...byId.values()];
        return [...jobs.flatMap(refusedIn), ...replaysAmiss(runs, jobs), ...cancelsAmiss(runs, jobs)];
      },
    };
  },
};

const isOpen = (job: Job | undefined): boolean => job?.status === 'queued' || job?.status === 'running';

async function makeFlow({ api, open }: Ground, action: Action): Promise<string> {
  const step = {
    // One that is retried by jobs alone, one that succeeds, and one that takes a while.
    retry: { ...record('step_2', { value: 'number', failures: '1' }), retry: { maxAttempts: 1 } },
    replay: record('step_2', { value: 'number' }),
    cancel: record('step_2', { value: 'number', failures: '4' }),
  }[action];
  const draft = { steps: [receive(open), step], edges: [edge('step_1', 'step_2')] };
  return (await createRunningFlow(api, { name: `acted on in bulk: ${action}`, draft })).id;
}

function judgeRun(run: JudgedRun, jobs: readonly Job[]): string[] {
  switch (actionOf(run.number)) {
    case 'replay':
      return succeededWith(run, ['step_1', 'step_2 0']);
    case 'cancel':
      return run.status === 'cancelled' ? [] : succeededWith(run, ['step_1', 'step_2 0']);
    case 'retry': {
      if (run.status === 'succeeded') return succeededWith(run, ['step_1', 'step_2 0']);
      return [...hasStatus(run, 'failed'), ...overlooking(run, jobs)];
    }
  }
}
