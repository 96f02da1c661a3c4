export { deriveComponentKey, keyId, parseKey } from './keys.js';
export {
  CredentialUnreadableError,
  needsReseal,
  openCredential,
  reseal,
  sealCredential,
  type CredentialAddress,
} from './seal.js';
