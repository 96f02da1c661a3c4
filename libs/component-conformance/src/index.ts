export { describeComponent, type ComponentExample } from './describe-component.js';
export type { StepExample } from './trial.js';
