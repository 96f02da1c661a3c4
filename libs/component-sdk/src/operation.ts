import type { HookRequestInput, Json, JsonObject, PollInput } from '@millrace/contracts';
import { z } from 'zod';
import type { CollectItem } from './collect-item.js';
import type { Files } from './files.js';
import { operationForm, type FormDefinition, type OperationForm, type UntypedForm } from './form.js';
import type { Http } from './http.js';
import type { WaitForResume } from './wait-for-resume.js';

/** Writes to the log of the step run, which the owner of the flow reads. Secrets of the credential are masked. */
export interface StepLogger {
  debug(message: string, fields?: JsonObject): void;
  info(message: string, fields?: JsonObject): void;
  warn(message: string, fields?: JsonObject): void;
  error(message: string, fields?: JsonObject): void;
}

/** What every call of an operation gets besides its input. */
export interface CallContext<Credential, Settings> {
  /** The opened fields of the credential; `undefined` unless the operation names its `credential` schema. */
  credential: Credential;
  /** Settings of the operator, from the environment of the process. */
  settings: Settings;
  /** Aborts when the step has run out of time or the process must end. Pass it on to whatever waits. */
  signal: AbortSignal;
  logger: StepLogger;
  http: Http;
}

export interface OperationContext<
  Input = unknown,
  Credential = unknown,
  Config = unknown,
  Settings = unknown,
> extends CallContext<Credential, Settings> {
  input: Input;
  /** What the designer of the flow set once for the step. */
  config: Config;
  /** Opens files that come in, and makes those that go out. */
  files: Files;
  /** The same for every attempt of one step run; send it on where the target understands such a key. */
  idempotencyKey: string;
}

/** What a call of a polling trigger gets. */
export interface PollingContext<Snapshot, Saved, Credential, Config, Settings> extends OperationContext<
  PollInput,
  Credential,
  Config,
  Settings
> {
  /** What the last poll that succeeded saved; `undefined` for the first one, and after a reset. */
  snapshot: Snapshot | undefined;
  /**
   * Keeps a snapshot for the next poll, at most 256 KiB as JSON; the last call counts. It takes effect together with the
   * outputs, when the poll succeeds; without a call the one before stays.
   */
  saveSnapshot: (snapshot: Saved) => void;
}

/** What the runtime gives to every operation; the types that authors see leave out what theirs does not use. */
export interface RuntimeContext extends OperationContext {
  snapshot: unknown;
  saveSnapshot: (snapshot: unknown) => void;
}

/**
 * One value is one output; `undefined` is none; an async generator emits as many as it yields; `waitForResume()` is none
 * yet: the step waits; with `collectItem()` it waits with an item.
 */
export type Emitted<Output> = Output | undefined | void | WaitForResume | CollectItem;
export type OperationResult<Output> = Emitted<Output> | Promise<Emitted<Output>> | AsyncIterable<Output>;

/** `none`: the target cannot tell a repeated call; `key`: it honours the key; `natural`: repeating changes nothing. */
export type Idempotency = 'none' | 'key' | 'natural';

/** An operation as the runtime sees it. Make one with `action` or `trigger`. */
export interface Operation {
  readonly kind: 'action' | 'trigger';
  readonly triggerType?: 'webhook' | 'polling';
  readonly title: string;
  readonly description: string;
  readonly idempotency: Idempotency;
  readonly input: z.ZodType;
  readonly output: z.ZodType;
  readonly config: z.ZodObject;
  readonly credential: z.ZodType | undefined;
  /** `undefined` where it is as the component says. */
  readonly needsCredential: boolean | undefined;
  /** Whether it may return `waitForResume()`. */
  readonly waits: boolean;
  readonly settings: z.ZodObject | undefined;
  /** Of a polling trigger: what it keeps; `undefined` for any JSON. */
  readonly snapshot?: z.ZodType | undefined;
  readonly form: OperationForm;
  run(context: RuntimeContext): OperationResult<unknown>;
}

type OutputOf<Schema extends z.ZodType | undefined> = Schema extends z.ZodType ? z.output<Schema> : undefined;

interface Common<
  Input,
  Output extends z.ZodType,
  Config extends z.ZodObject,
  Cred extends z.ZodType | undefined,
  Settings extends z.ZodObject | undefined,
> extends FormDefinition<Input, z.input<Output>, OutputOf<Cred>, z.output<Config>, OutputOf<Settings>> {
  title: string;
  description?: string;
  /** What is set once per step in the designer. */
  config?: Config;
  /** The component's credential fields; name them to get the opened credential: `undefined` in a step that has and needs none. */
  credential?: Cred;
  /** Whether a step of it needs a credential, where that differs from what the component says. */
  needsCredential?: boolean;
  /** The component's settings; name them to get them. */
  settings?: Settings;
}

/** What `action` takes. All types of `run` follow from the schemas. */
export interface ActionDefinition<
  Input extends z.ZodType,
  Output extends z.ZodType,
  Config extends z.ZodObject,
  Cred extends z.ZodType | undefined,
  Settings extends z.ZodObject | undefined,
> extends Common<z.output<Input>, Output, Config, Cred, Settings> {
  /** The fields that a flow maps; describe each one, the text is the help in the designer. */
  input: Input;
  /** One emitted value. */
  output: Output;
  idempotency?: Idempotency;
  /** Whether it may return `waitForResume()`; flows may then name the resume URL of its steps. */
  waits?: boolean;
  run(
    context: OperationContext<z.output<Input>, OutputOf<Cred>, z.output<Config>, OutputOf<Settings>>,
  ): OperationResult<z.input<Output>>;
}

/** An action: called with its mapped input, emits its outputs. */
export function action<
  Input extends z.ZodType,
  Output extends z.ZodType,
  Config extends z.ZodObject = z.ZodObject,
  Cred extends z.ZodType | undefined = undefined,
  Settings extends z.ZodObject | undefined = undefined,
>(definition: ActionDefinition<Input, Output, Config, Cred, Settings>): Operation {
  return operation('action', { ...definition, idempotency: definition.idempotency ?? 'none' });
}

/** What `trigger.webhook` takes. */
export interface WebhookTriggerDefinition<
  Output extends z.ZodType,
  Config extends z.ZodObject,
  Cred extends z.ZodType | undefined,
  Settings extends z.ZodObject | undefined,
> extends Common<unknown, Output, Config, Cred, Settings> {
  /** One emitted value. */
  output: Output;
  run(
    context: OperationContext<HookRequestInput, OutputOf<Cred>, z.output<Config>, OutputOf<Settings>>,
  ): OperationResult<z.input<Output>>;
}

/** What `trigger.polling` takes. */
export interface PollingTriggerDefinition<
  Output extends z.ZodType,
  Config extends z.ZodObject,
  Cred extends z.ZodType | undefined,
  Settings extends z.ZodObject | undefined,
  Snapshot extends z.ZodType | undefined,
> extends Common<unknown, Output, Config, Cred, Settings> {
  /** One emitted value. */
  output: Output;
  /** What is kept from one poll to the next; any JSON without it. */
  snapshot?: Snapshot;
  run(
    context: PollingContext<
      Snapshot extends z.ZodType ? z.output<Snapshot> : Json,
      Snapshot extends z.ZodType ? z.input<Snapshot> : Json,
      OutputOf<Cred>,
      z.output<Config>,
      OutputOf<Settings>
    >,
  ): OperationResult<z.input<Output>>;
}

/** Triggers, by how they are set off. */
export const trigger = {
  /** Set off by a call of the flow's webhook URL; `input` is that request, `hookRequestBody(input)` its body as JSON. */
  webhook<
    Output extends z.ZodType,
    Config extends z.ZodObject = z.ZodObject,
    Cred extends z.ZodType | undefined = undefined,
    Settings extends z.ZodObject | undefined = undefined,
  >(definition: WebhookTriggerDefinition<Output, Config, Cred, Settings>): Operation {
    return {
      ...operation('trigger', { ...definition, input: hookRequestSchema, idempotency: 'natural' }),
      triggerType: 'webhook',
    };
  },

  /**
   * Called on the schedule of its step: emits what is new since its `snapshot` and saves another one. Of one flow no two
   * calls run at the same time; one that fails is tried again with the same snapshot.
   */
  polling<
    Output extends z.ZodType,
    Config extends z.ZodObject = z.ZodObject,
    Cred extends z.ZodType | undefined = undefined,
    Settings extends z.ZodObject | undefined = undefined,
    Snapshot extends z.ZodType | undefined = undefined,
  >(definition: PollingTriggerDefinition<Output, Config, Cred, Settings, Snapshot>): Operation {
    return {
      ...operation('trigger', { ...definition, input: pollInputSchema, idempotency: 'natural' }),
      triggerType: 'polling',
      snapshot: definition.snapshot,
    };
  },
} as const;

const pollInputSchema = z.object({
  scheduledAt: z.string().describe('time for which the poll was planned'),
});

const hookRequestSchema = z.object({
  method: z.string().describe('HTTP method of the request'),
  path: z.string().describe('what follows the flow id in the URL'),
  query: z.record(z.string(), z.union([z.string(), z.array(z.string())])).describe('parameters of the query'),
  headers: z.record(z.string(), z.string()).describe('headers, without those that carry credentials'),
  contentType: z.string().describe('content type of the body'),
  body: z.string().describe('the body as JSON'),
  bodyEncoding: z.enum(['utf8', 'base64']).describe('how the body is written here'),
});

/**
 * The one place where the types of an operation are let go: the runtime parses `input`, `config` and `credential` with
 * the schemas that gave `run` its types, right before it calls `run`.
 */
function operation(
  kind: Operation['kind'],
  definition: UntypedForm & {
    title: string;
    description?: string;
    idempotency: Idempotency;
    input: z.ZodType;
    output: z.ZodType;
    config?: z.ZodObject;
    credential?: z.ZodType | undefined;
    needsCredential?: boolean;
    waits?: boolean;
    settings?: z.ZodObject | undefined;
    run(context: never): OperationResult<unknown>;
  },
): Operation {
  return {
    kind,
    title: definition.title,
    description: definition.description ?? '',
    idempotency: definition.idempotency,
    input: definition.input,
    output: definition.output,
    config: definition.config ?? z.object({}),
    credential: definition.credential,
    needsCredential: definition.needsCredential ?? (definition.credential ? true : undefined),
    waits: definition.waits ?? false,
    settings: definition.settings,
    form: operationForm(definition),
    run: (context) => definition.run(context as never),
  };
}
