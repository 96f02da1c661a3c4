import type { FullExpression } from './expression.js';
import { pointerToken, type CompiledMapping } from './mapping.js';

/** A leaf of a mapping that must be evaluated under limits. */
export interface SandboxLeaf {
  /** JSON pointer into the mapping (RFC 6901). */
  pointer: string;
  expression: FullExpression;
}

/** Whether a mapping holds an expression that `evaluateMapping` cannot evaluate alone. */
export function needsSandbox(mapping: CompiledMapping): boolean {
  switch (mapping.kind) {
    case 'constant':
      return false;
    case 'expression':
      return mapping.expression.kind === 'full';
    case 'array':
      return mapping.items.some(needsSandbox);
    case 'object':
      return mapping.fields.some(([, field]) => needsSandbox(field));
  }
}

/** The leaves that need the sandbox, in the order in which `evaluateMapping` takes their values. */
export function sandboxLeaves(mapping: CompiledMapping, pointer = ''): SandboxLeaf[] {
  switch (mapping.kind) {
    case 'constant':
      return [];
    case 'expression':
      return mapping.expression.kind === 'full' ? [{ pointer, expression: mapping.expression }] : [];
    case 'array':
      return mapping.items.flatMap((item, at) => sandboxLeaves(item, `${pointer}/${at}`));
    case 'object':
      return mapping.fields.flatMap(([name, field]) => sandboxLeaves(field, `${pointer}/${pointerToken(name)}`));
  }
}
