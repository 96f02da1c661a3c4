import { setTimeout as sleep } from 'node:timers/promises';
import { createRunningFlow } from '@millrace/dev';
import { groupBy } from '../group-by.js';
import { recordOf, type ExpectedEffect, type JudgedRun } from '../judge/judged-run.js';
import { interleaved, overlapping, overtaken } from '../judge/kinds/order.js';
import { act, look } from './acts.js';
import { postJson } from './call.js';
import { edge, receive, record } from './drafts.js';
import { hasStatus, succeededWith } from './expectations.js';
import type { Ground, Kind } from './kind.js';

const policies = ['continue', 'block', 'park'] as const;
type Policy = (typeof policies)[number];

const lookEveryMs = 300;
const keysOfEach = 4;

const policyOf = (number: number): Policy => policies[number % policies.length] ?? 'continue';
const keyOf = (number: number): string => `key-${Math.floor(number / policies.length) % keysOfEach}`;
/** Of those that fail one of the policy `block` succeeds when it is retried. */
const fails = (number: number): boolean => number % 7 === 0;

/** Runs of the same key one after another, whatever becomes of them; who fails lets the next one on, blocks it or parks the key. */
export const ordered: Kind = {
  name: 'ordered by key',
  async create(ground) {
    const { api, hookUrl, effects } = ground;
    const flows = new Map<Policy, string>();
    for (const policy of policies) flows.set(policy, await makeFlow(ground, policy));
    const flowOf = (policy: Policy): string => flows.get(policy) ?? '';
    /** When somebody first asked to let the key of a failed run go on. */
    const releasedAt = new Map<string, number>();

    async function releaseKeys(): Promise<void> {
      const id = flowOf('park');
      const queue = await look<{ keys: { key: string; runId: string }[] }>(api, `/v1/flows/${id}/queue`);
      for (const { key, runId } of queue?.keys ?? []) {
        if (!releasedAt.has(runId)) releasedAt.set(runId, Date.now());
        await act(api, `/v1/flows/${id}/queue/release`, { key });
      }
    }

    async function retryFailed(): Promise<void> {
      const id = flowOf('block');
      const failed = await look<{ items: { id: string }[] }>(api, `/v1/runs?flowId=${id}&status=failed`);
      for (const run of failed?.items ?? []) await act(api, `/v1/runs/${run.id}/retry`);
    }

    return {
      flowIds: [...flows.values()],
      send: (number) => {
        const failures = policyOf(number) === 'block' && fails(number) ? 1 : 0;
        const refused = policyOf(number) !== 'block' && fails(number);
        return postJson(hookUrl(flowOf(policyOf(number))), number, { number, key: keyOf(number), failures, refused });
      },
      async throughout(over) {
        while (!over.aborted) {
          await releaseKeys();
          await retryFailed();
          await sleep(lookEveryMs);
        }
      },
      judge(run) {
        const refused = policyOf(run.number) !== 'block' && fails(run.number);
        return refused
          ? hasStatus(run, 'failed')
          : succeededWith(run, ['step_1', 'first 0', 'middle 0.0', 'last 0.0.0']);
      },
      effects: effectsOf,
      judgeAll(runs, known) {
        const byKey = groupBy(runs, ({ number }) => `${policyOf(number)} ${keyOf(number)}`);
        return [...byKey].flatMap(([key, same]) => [
          ...interleaved(same, effects, effectsOf),
          ...overlapping(same, key.startsWith('park') ? releasedAt : undefined),
          ...overtaken(same, known),
        ]);
      },
    };
  },
};

async function makeFlow({ api, open }: Ground, onFailure: Policy): Promise<string> {
  const value = '$steps.step_1.number';
  const middle = record('middle', { value, failures: '$steps.step_1.failures', refused: '$steps.step_1.refused' });
  const draft = {
    steps: [
      receive(open),
      record('first', { value }),
      // Of the policy that blocks it must fail to be retried by hand, and not for good.
      onFailure === 'block' ? { ...middle, retry: { maxAttempts: 1 } } : middle,
      record('last', { value }),
    ],
    edges: [edge('step_1', 'first'), edge('first', 'middle'), edge('middle', 'last')],
    settings: { order: { key: 'key', onFailure } },
  };
  return (await createRunningFlow(api, { name: `ordered, ${onFailure}`, draft })).id;
}

function effectsOf(run: JudgedRun): ExpectedEffect[] {
  const first = recordOf(run, 'first', '0');
  if (run.status === 'failed') return [first];
  return [first, recordOf(run, 'middle', '0.0'), recordOf(run, 'last', '0.0.0')];
}
