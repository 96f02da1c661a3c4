export {
  deriveAttachmentUrlKey,
  deriveComponentKey,
  deriveResumeUrlKey,
  deriveSetupToken,
  keyId,
  parseKey,
} from './keys.js';
export { readComponentCall, signComponentCall, type ComponentCall } from './component-call.js';
export { createMask, maskJson, type Mask } from './mask.js';
export { maskedSecret, marksSecrets, maskSecrets } from './mask-secrets.js';
export {
  CredentialUnreadableError,
  needsReseal,
  openCredential,
  reseal,
  sealCredential,
  type CredentialAddress,
} from './seal.js';
export { secretsOf } from './secrets-of.js';
