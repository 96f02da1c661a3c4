export { type ChaosOptions, shortForm } from './options.js';
export { reportText } from './report.js';
export { type ChaosOutcome, type Progress, runChaos } from './run-chaos.js';
