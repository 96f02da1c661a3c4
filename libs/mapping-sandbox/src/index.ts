export { inputShape } from './input-shape.js';
export type { MappingError, MappingOutcome, MappingPool, MappingPoolOptions, SandboxContext } from './outcome.js';
export { SandboxUnavailableError } from './outcome.js';
export { createMappingPool } from './pool.js';
