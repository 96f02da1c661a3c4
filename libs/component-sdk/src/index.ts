export {
  hookRequestBody,
  type HookRequestInput,
  type Json,
  type JsonObject,
  type PollInput,
} from '@millrace/contracts';
export { StepAbort, type AbortSource } from './abort.js';
export { defineComponent, type Component, type ComponentDefinition } from './component.js';
export { descriptorOf, jsonSchemaOf } from './descriptor.js';
export {
  OperationError,
  PeerUnavailableError,
  RetryAfterError,
  TerminalError,
  type OperationErrorOptions,
} from './errors.js';
export { HttpAnswer } from './http-answer.js';
export { createHttp, createHttpPool, type Http, type HttpMethod, type HttpOptions } from './http.js';
export {
  action,
  trigger,
  type ActionDefinition,
  type CallContext,
  type Idempotency,
  type Operation,
  type OperationContext,
  type OperationResult,
  type PollingContext,
  type PollingTriggerDefinition,
  type RuntimeContext,
  type StepLogger,
  type WebhookTriggerDefinition,
} from './operation.js';
export { oauth2, oauth2Fields, refreshableOf, type OAuth2Definition } from './oauth2.js';
export { secret } from './secret.js';
export { WaitForResume, waitForResume } from './wait-for-resume.js';
export { resumeOutput } from './resume-output.js';
