export {
  hookRequestBody,
  type HookRequestInput,
  type Json,
  type JsonObject,
  type PollInput,
} from '@millrace/contracts';
export { StepAbort, type AbortSource } from './abort.js';
export { defineComponent, type Component, type ComponentDefinition } from './component.js';
export { descriptorOf } from './descriptor.js';
export { closedSchemaOf, jsonSchemaOf, wholeSchema } from './json-schema.js';
export {
  OperationError,
  PeerUnavailableError,
  RetryAfterError,
  TerminalError,
  type OperationErrorOptions,
} from './errors.js';
export type { FieldHints } from './field-hints.js';
export type {
  FormContext,
  FormDefinition,
  LoadedSchema,
  Loader,
  OfferedOption,
  OfferedOptions,
  OptionsContext,
  RuntimeFormContext,
} from './form.js';
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
export { secret } from './secret.js';
export { WaitForResume, waitForResume } from './wait-for-resume.js';
export { resumeOutput } from './resume-output.js';
