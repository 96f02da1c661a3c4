export * from './config.js';
export * from './crash-at.js';
export * from './health.js';
export * from './http-app.js';
export * from './invalidations.js';
export * from './nest-logger.js';
export * from './problem.js';
export * from './problem-filter.js';
export * from './read-through-cache.js';
export * from './run-process.js';
export * from './schema-pipe.js';
export * from './trust-proxy.js';
export * from './amqp-server.js';
export {
  QueueBatchHandler,
  QueueHandler,
  type HandledQueue,
  type QueueBatchHandlerOptions,
  type QueueHandlerOptions,
} from './queue-handler.js';
