import { compileMapping, readsOf } from '@millrace/mapping';
import type { Edge, FlowDraft } from './draft.js';
import type { FlowTree } from './graph.js';
import type { Problem } from './problem.js';

/** Conditions that are broken, cannot be true or false or read what does not come before, and defaults that are none. */
export function conditionProblems(draft: FlowDraft, tree: FlowTree): Problem[] {
  const problems: Problem[] = [];
  const defaults = new Map<string, string>();
  draft.edges.forEach((edge, at) => {
    const pointer = `/edges/${at}`;
    if (edge.condition != null)
      problems.push(...expressionProblems(edge, edge.condition, `${pointer}/condition`, tree));
    if (edge.default !== true) return;
    if (edge.condition != null) {
      const message = `The edge to ${edge.to} is the default and has a condition: remove one of the two.`;
      problems.push({ pointer: `${pointer}/default`, code: 'default_with_condition', message });
    }
    const other = defaults.get(edge.from);
    if (other !== undefined) {
      const message = `The default of ${edge.from} leads to ${other} already: a step has one default.`;
      problems.push({ pointer: `${pointer}/default`, code: 'several_defaults', message });
    } else defaults.set(edge.from, edge.to);
  });
  return problems;
}

function expressionProblems(edge: Edge, condition: string, pointer: string, tree: FlowTree): Problem[] {
  const { compiled, problems: faults } = compileMapping(condition);
  const [fault] = faults;
  if (fault) {
    const message = `At character ${fault.position + 1}: ${fault.message}`;
    return [{ pointer, code: 'invalid_expression', message }];
  }
  if (compiled.kind === 'expression' && compiled.expression.kind === 'literal') {
    if (typeof compiled.expression.value === 'boolean') return [];
    const message =
      'A condition gives true or false, and this one gives always the same other value: compare something.';
    return [{ pointer, code: 'condition_not_boolean', message }];
  }
  const before = tree.ancestorsOf(edge.to);
  const unknown = [...readsOf(compiled).steps].filter((step) => !before.includes(step));
  return unknown.map((step) => ({
    pointer,
    code: 'unknown_output',
    message: `The condition reads $steps.${step}, and no step of that id comes before ${edge.to}.`,
  }));
}
