export type {
  Expression,
  ExpressionFault,
  ExpressionReads,
  FullExpression,
  MappingContext,
  PlainExpression,
} from './expression.js';
export { functionNames } from './function-names.js';
export * from './mapping.js';
export { readsOnlyData } from './reads-only-data.js';
export { needsSandbox, sandboxLeaves, type SandboxLeaf } from './sandbox-leaves.js';
