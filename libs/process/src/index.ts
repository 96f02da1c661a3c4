export * from './config.js';
export * from './crash-at.js';
export * from './field-problems.js';
export * from './health.js';
export * from './run-process.js';
export * from './trust-proxy.js';
