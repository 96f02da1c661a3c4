export { backoffMs, type BackoffBounds } from './backoff.js';
export { consumeBatches, type BatchOutcome, type ConsumeBatchesOptions } from './batch-consumer.js';
export { partsOf, type BundledMessage } from './bundle.js';
export { createBundler, MAX_BUNDLED, type Bundler, type BundlerOptions } from './bundler.js';
export { acknowledgeNow, consume, type ConsumeOptions } from './consumer.js';
export { DONE, type Delivery, type Outcome } from './delivery.js';
export {
  createParker,
  parkedReason,
  type BatchParker,
  type ParkedReason,
  type Parker,
  type ParkerOptions,
} from './parking.js';
export { PublishError, type PublishFailure } from './publish-error.js';
export {
  createPublisher,
  type OutgoingMessage,
  type Publisher,
  type PublisherOptions,
  type PublishOptions,
} from './publisher.js';
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
export type { InstanceQueue, QueueSource } from './queue-source.js';
export type { Consumer } from './subscription.js';
export {
  TopologyError,
  type ArgumentTable,
  type BindingDeclaration,
  type ExchangeDeclaration,
  type QueueDeclaration,
  type Topology,
} from './topology.js';
export type { Turn } from './turns.js';
