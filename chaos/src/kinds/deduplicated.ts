import { createRunningFlow } from '@millrace/dev';
import { groupBy } from '../group-by.js';
import { recordOf, type JudgedRun } from '../judge/judged-run.js';
import { postJson } from './call.js';
import { edge, receive, record } from './drafts.js';
import { hasStatus, succeededWith } from './expectations.js';
import type { Kind } from './kind.js';

/** Requests that may have the key of another one; of those with the same key exactly one runs. */
export const deduplicated: Kind = {
  name: 'deduplicated',
  async create({ api, open, hookUrl }) {
    const draft = {
      steps: [
        receive(open, { deduplicate: { key: 'key', windowSeconds: 86_400 } }),
        record('step_2', { value: 'number' }),
      ],
      edges: [edge('step_1', 'step_2')],
    };
    const { id } = await createRunningFlow(api, { name: 'deduplicated', draft });
    return {
      flowIds: [id],
      send: (number) => postJson(hookUrl(id), number, { number, key: keyOf(number) }),
      judge: (run) =>
        run.status === 'duplicate' ? hasStatus(run, 'duplicate') : succeededWith(run, ['step_1', 'step_2 0']),
      effects: (run) => (run.status === 'duplicate' ? [] : [recordOf(run, 'step_2', '0')]),
      judgeAll: oneRunPerKey,
    };
  },
};

/** Requests of a kind are about as many numbers apart as there are kinds, so some of them share a key. */
const keyOf = (number: number): string => `key-${Math.floor(number / 30)}`;

function oneRunPerKey(runs: readonly JudgedRun[]): string[] {
  const byKey = groupBy(runs, ({ number }) => keyOf(number));
  return [...byKey].flatMap(([key, same]) => {
    const first = same.filter(({ status }) => status !== 'duplicate');
    if (first.length !== 1) return [`${key} ran ${first.length} times: ${first.map(({ id }) => id).join(', ')}`];
    const astray = same.filter(({ status, duplicateOf }) => status === 'duplicate' && duplicateOf !== first[0]?.id);
    return astray.map(({ id, duplicateOf }) => `${id} is a duplicate of ${duplicateOf}, which is not the one that ran`);
  });
}
