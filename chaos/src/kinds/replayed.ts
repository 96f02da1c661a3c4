import { createRunningFlow } from '@millrace/dev';
import { recordOf } from '../judge/judged-run.js';
import { act, actingOn } from './acts.js';
import { postJson } from './call.js';
import { edge, receive, record } from './drafts.js';
import { succeededWith } from './expectations.js';
import type { Kind } from './kind.js';

/** Requests that somebody has run once more. A replay that was answered counts like a request that was. */
export const replayed: Kind = {
  name: 'replayed',
  async create({ api, open, hookUrl, note }) {
    const draft = {
      steps: [receive(open), record('step_2', { value: 'number' })],
      edges: [edge('step_1', 'step_2')],
    };
    const { id } = await createRunningFlow(api, { name: 'replayed', draft });
    return {
      flowIds: [id],
      send: (number) => postJson(hookUrl(id), number, { number }),
      ...actingOn(async ({ number, requestId }) => {
        const replay = await act<{ requestId: string }>(api, `/v1/runs/${requestId}/replay`);
        // Its run may not be written yet; nothing came of that.
        if (replay.outcome === 'refused' && replay.status === 404) return 'again';
        if (replay.outcome === 'answered') note(number, { outcome: 'accepted', requestId: replay.answer.requestId });
        else note(number, replay.outcome === 'cut' ? undefined : { outcome: 'refused', status: replay.status });
        return replay.outcome === 'answered' ? 'over' : 'again';
      }),
      judge: (run) => succeededWith(run, ['step_1', 'step_2 0']),
      effects: (run) => [recordOf(run, 'step_2', '0')],
    };
  },
};
