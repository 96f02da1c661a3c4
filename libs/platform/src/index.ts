// What is below Nest, so that whoever knows this library need not know two.
export * from '@millrace/process';
export * from './gathered-read.js';
export * from './health-routes.js';
export * from './http-app.js';
export * from './invalidations.js';
export * from './nest-logger.js';
export * from './problem.js';
export * from './problem-filter.js';
export * from './read-through-cache.js';
export * from './schema-pipe.js';
export * from './amqp-server.js';
export {
  QueueBatchHandler,
  QueueHandler,
  type HandledQueue,
  type QueueBatchHandlerOptions,
  type QueueHandlerOptions,
} from './queue-handler.js';
