export { backoffMs, type BackoffBounds } from './backoff.js';
export { consumeBatches, type ConsumeBatchesOptions } from './batch-consumer.js';
export { consume, type ConsumeOptions } from './consumer.js';
export { DONE, type Delivery, type Outcome } from './delivery.js';
export {
  createParker,
  PARK_HEADERS,
  parkedReason,
  type ParkedReason,
  type Parker,
  type ParkerOptions,
} from './parking.js';
export { PublishError, type PublishFailure } from './publish-error.js';
export { createPublisher, type OutgoingMessage, type Publisher, type PublisherOptions } from './publisher.js';
export {
  createRpcClient,
  RpcError,
  sendReply,
  type ReplyOptions,
  type RpcCallOptions,
  type RpcClient,
  type RpcClientOptions,
  type RpcFailure,
} from './rpc.js';
export { openSessions, type SessionPair } from './session-pair.js';
export { openSession, type AmqpSession, type SessionOptions, type SessionState } from './session.js';
export { type Consumer, type InstanceQueue, type QueueSource } from './subscription.js';
export {
  parkedQueue,
  TopologyError,
  workQueue,
  type ArgumentTable,
  type BindingDeclaration,
  type ExchangeDeclaration,
  type QueueDeclaration,
  type Topology,
  type WorkQueueOptions,
} from './topology.js';
