import { createRunningFlow } from '@millrace/dev';
import { recordOf, type JudgedRun } from '../judge/judged-run.js';
import { postJson } from './call.js';
import { edge, receive, record } from './drafts.js';
import { succeededWith } from './expectations.js';
import type { Kind } from './kind.js';

/** Conditions, a default, and a step that always follows; below one branch a second level. */
export const tree: Kind = {
  name: 'tree with conditions and default',
  async create({ api, open, hookUrl }) {
    const value = { value: 'number' };
    const draft = {
      steps: [
        receive(open),
        record('even', value),
        record('third', value),
        record('neither', value),
        record('always', value),
        record('below', { value: '$steps.step_1.number' }),
      ],
      edges: [
        edge('step_1', 'even', { condition: 'number % 2 = 0' }),
        edge('step_1', 'third', { condition: 'third' }),
        edge('step_1', 'neither', { default: true }),
        edge('step_1', 'always'),
        edge('always', 'below'),
      ],
    };
    const { id } = await createRunningFlow(api, { name: 'tree', draft });
    return {
      flowIds: [id],
      send: (number) => postJson(hookUrl(id), number, { number, third: number % 3 === 0 }),
      judge: (run) => succeededWith(run, ['step_1', ...branchesOf(run.number)]),
      effects: (run: JudgedRun) =>
        branchesOf(run.number).map((branch) => {
          const [stepId = '', path = ''] = branch.split(' ');
          return recordOf(run, stepId, path);
        }),
    };
  },
};

function branchesOf(number: number): string[] {
  const conditional = [...(number % 2 === 0 ? ['even 0'] : []), ...(number % 3 === 0 ? ['third 0'] : [])];
  return [...(conditional.length > 0 ? conditional : ['neither 0']), 'always 0', 'below 0.0'];
}
