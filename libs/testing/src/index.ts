export { type CuttingProxy, cuttingProxy } from './cutting-proxy.js';
export { type TestDatabase, createTestDatabase, useTestDatabase } from './database.js';
export { type EventuallyOptions, eventually } from './eventually.js';
export { type SeededFlow, seedCredential, seedFlow, seedSchedule } from './flows.js';
export { type TestInfra, testInfra } from './infra.js';
export {
  type BrokerConnection,
  type BrokerConsumer,
  type BrokerQueue,
  type ManagementApi,
  managementApi,
  managementLagMs,
} from './management-api.js';
export { type PrivateBroker, usePrivateBroker } from './private-broker.js';
export { removeAbandonedFolders, testFolderPrefix } from './test-folders.js';
export { type TestVhost, createVhost, useVhost } from './vhost.js';
