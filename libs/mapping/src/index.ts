export { evaluatePlain } from './evaluate.js';
export type {
  Expression,
  ExpressionFault,
  ExpressionReads,
  FullExpression,
  MappingContext,
  ParsedExpression,
  PathRoot,
  PathStep,
  PlainExpression,
} from './expression.js';
export { functionNames } from './function-names.js';
export * from './mapping.js';
export { maxExpressionLength, parseExpression } from './parse.js';
export { needsSandbox, sandboxLeaves, type SandboxLeaf } from './sandbox-leaves.js';
