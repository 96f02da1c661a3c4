import type { FlowId, FlowVersionId, Json, RunId, StepId, StepPath, WorkspaceId } from '@millrace/contracts';
import { compileMapping, evaluateMapping } from '@millrace/mapping';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePlan, nextSteps, type NextStep } from './index.js';

const ids = { workspaceId: 'w' as WorkspaceId, flowId: 'f' as FlowId, versionId: 'v' as FlowVersionId };
const runId = '01935b1c-8e00-7000-8000-000000000000' as RunId;

/** The step that follows the second one of three in a row, of which the third reads the output of the first. */
function third(mapping: Record<string, string>, output: Json): { second: NextStep; third: NextStep } {
  const step = (id: string, given = {}) => ({ id, component: 'c', operation: 'o', mapping: given });
  const plan = compilePlan(ids, {
    steps: [step('step_1'), step('step_2'), step('step_3', mapping)],
    edges: [
      { from: 'step_1', to: 'step_2' },
      { from: 'step_2', to: 'step_3' },
    ],
  });
  const after = (stepId: string, path: StepPath, given: Json, carry: NextStep['carry']): NextStep => {
    const [next] = nextSteps(plan, { runId, stepId: stepId as StepId, path, outputs: [given], carry });
    if (!next) throw new Error(`nothing follows ${stepId}`);
    return next;
  };
  const second = after('step_1', '' as StepPath, output, { steps: {} });
  return { second, third: after('step_2', second.path, { other: 'output' }, second.carry) };
}

const carried = (mapping: Record<string, string>, output: Json) => third(mapping, output).second.carry.steps['step_1'];

describe('of an output that is read further below', () => {
  const pet = { name: 'Gromit', status: 'sold', photos: [{ url: 'a' }, { url: 'b' }], notes: 'long' };

  it('messages carry the members with which paths begin, and no others', () => {
    const mapping = { title: '$steps.step_1.name', picture: '$steps.step_1.photos[1].url' };
    expect(carried(mapping, pet)).toEqual({ name: 'Gromit', photos: pet.photos });
    expect(carried({ title: '$steps.step_1.colour' }, pet)).toEqual({});
  });

  it.each([
    ['an expression', '$uppercase($steps.step_1.name)'],
    ['the output itself', '$steps.step_1'],
    ['an item of it', '$steps.step_1[0].name'],
    ['all of them', '$steps'],
  ])('messages carry the whole where %s is read', (_, source) => {
    expect(carried({ name: '$steps.step_1.name', further: source }, pet)).toEqual(pet);
  });

  it('paths give what they would give on the whole, whatever it is', () => {
    const name = fc.constantFrom('a', 'b', '__proto__');
    const output = fc.letrec<{ json: Json }>((tie) => ({
      json: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom(null, 'text', 1, true),
        fc.array(tie('json'), { maxLength: 3 }),
        fc.dictionary(name, tie('json'), { noNullPrototype: true }),
      ),
    })).json;
    const path = fc
      .array(fc.tuple(name, fc.constantFrom('', '[0]', '[-1]')), { maxLength: 3 })
      .map((parts) => ['$steps.step_1', ...parts.map(([part, index]) => part + index)].join('.'));
    fc.assert(
      fc.property(output, fc.array(path, { minLength: 1, maxLength: 3 }), (given, paths) => {
        const mapping = Object.fromEntries(paths.map((source, at) => [`field${at}`, source]));
        const whole = { output: null, steps: { step_1: given }, request: undefined, run: {} };
        const { third: step } = third(mapping, given);
        expect('input' in step && step.input).toEqual(evaluateMapping(compileMapping(mapping).compiled, whole));
      }),
    );
  });
});
