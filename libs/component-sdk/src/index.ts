export {
  type FileReference,
  hookRequestBody,
  type HookRequestInput,
  type Json,
  type JsonObject,
  type PollInput,
} from '@millrace/contracts';
export { StepAbort, type AbortSource } from './abort.js';
export { CollectItem, collectedOutput, collectItem } from './collect-item.js';
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
export {
  answerForms,
  answerOutput,
  answerValue,
  callHeaders,
  redirected,
  type AnswerForm,
  type AnswerOutput,
} from './answer-value.js';
export { file, type Files, type NewFile, type OpenedFile } from './files.js';
export { HttpAnswer, HttpStream } from './http-answer.js';
export { createHttp, type Http, type HttpRecord, type StepHttp, type StepHttpOptions } from './http.js';
export { createHttpPools, type HttpPools, type HttpPoolsOptions } from './http-pools.js';
export type { HttpMethod, HttpOptions } from './http-request.js';
export type { Part } from './multipart.js';
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
export { schemaWords } from './schema-words.js';
export { secret } from './secret.js';
export { WaitForResume, waitForResume } from './wait-for-resume.js';
export { resumeOutput } from './resume-output.js';
