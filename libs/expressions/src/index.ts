export { dataExpression } from './data-expression.js';
export { createExpressions, type Expressions, type Evaluated } from './expressions.js';
