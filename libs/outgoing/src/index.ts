export { AddressRefusedError } from './address-refused-error.js';
export {
  type AgentOptions,
  createGuardedAgent,
  createTrustedAgent,
  type GuardedAgentOptions,
  guardLookup,
} from './guarded-agent.js';
export { type OutgoingRules, outgoingSettings, parseOutgoingAllow, publicOnly } from './outgoing-rules.js';
export { outgoingUrlFault } from './url-fault.js';
export type { Dispatcher } from 'undici';
