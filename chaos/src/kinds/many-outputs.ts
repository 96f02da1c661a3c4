import { createRunningFlow } from '@millrace/dev';
import { recordOf, type JudgedRun } from '../judge/judged-run.js';
import { postJson } from './call.js';
import { edge, receive, record, split } from './drafts.js';
import { succeededWith } from './expectations.js';
import type { Kind } from './kind.js';

/** A step that emits none to six outputs, each of which is a branch of its own. */
export const manyOutputs: Kind = {
  name: 'many outputs',
  async create({ api, open, hookUrl }) {
    const draft = {
      steps: [receive(open), split('step_2', 'count'), record('step_3', { value: 'part' })],
      edges: [edge('step_1', 'step_2'), edge('step_2', 'step_3')],
    };
    const { id } = await createRunningFlow(api, { name: 'many outputs', draft });
    return {
      flowIds: [id],
      send: (number) => postJson(hookUrl(id), number, { count: countOf(number) }),
      judge: (run) => succeededWith(run, ['step_1', 'step_2 0', ...pathsOf(run).map((path) => `step_3 ${path}`)]),
      effects: (run) => pathsOf(run).map((path) => recordOf(run, 'step_3', path)),
    };
  },
};

const countOf = (number: number): number => Math.floor(number / 3) % 7;

function pathsOf({ number }: JudgedRun): string[] {
  return Array.from({ length: countOf(number) }, (_, part) => `0.${part}`);
}
