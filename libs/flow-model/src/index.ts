export * from './draft.js';
export { runsPerSecondSchema, type Beginning, type FailurePolicy, type FlowSettings } from './flow-settings.js';
export * from './graph.js';
export * from './next-steps.js';
export * from './plan.js';
export * from './problem.js';
export * from './retry-policy.js';
export * from './validate.js';
export { isReceiveStep, isReplyStep } from './webhook-steps.js';
