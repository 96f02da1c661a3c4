export { type ApiClient, ApiError, signIn } from './stack/api-client.js';
export { type Connections, readConnections } from './stack/connections.js';
export { choosePorts } from './stack/choose-ports.js';
export { type LaunchOptions, type Stack, launchServices } from './stack/launch-services.js';
export { type FirstAdministrator, bootstrapWorkspace, migrateDatabase } from './stack/prepare-database.js';
export {
  type ServiceName,
  type ServicePorts,
  type StackSettings,
  type StackUrls,
  serviceEntry,
  serviceEnv,
  serviceNames,
  stackUrls,
} from './stack/service-list.js';
export { type Service, type ServiceOptions, service } from './stack/service.js';
export { type CreatedFlow, createCredential, createRunningFlow, createTutorialFlow } from './stack/tutorial-flow.js';
export { inRepository, repositoryRoot } from './repository.js';
