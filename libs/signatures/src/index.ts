export type {
  Authentication,
  Authenticator,
  Clock,
  Handshake,
  PendingAuthentication,
  RawRequest,
  RefusalReason,
  RefusedAuthentication,
  RequestHead,
} from './authentication.js';
export { createAuthenticator, type AuthenticatorDeps } from './authenticator.js';
export { callerAuthentication, type CallerAuthentication, type SigningScheme } from './caller-authentication.js';
export { apiKeyFields, basicFields, hmacFields, noneFields } from './credential-fields.js';
export {
  secretFields,
  secretPlaces,
  webhookCredentialSchema,
  type SecretPlaces,
  type WebhookCredential,
} from './credential.js';
export { presetNames, presets, type PresetName } from './presets.js';
export type { Place, Preset } from './scheme.js';
export { signCall, type CallToSign, type SignedCall } from './sign-request.js';
export { signStandardWebhook, type OutgoingMessage } from './sign.js';
export { detectSignature, type SignatureDetection, type SignatureQuestion } from './detective/detect-signature.js';
export type { Problem, SignatureFinding } from './detective/finding.js';
