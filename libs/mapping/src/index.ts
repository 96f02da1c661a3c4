export * from './evaluate.js';
export * from './expression.js';
export * from './mapping.js';
