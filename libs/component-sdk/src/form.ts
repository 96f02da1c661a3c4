import type { FieldOption, JsonObject } from '@millrace/contracts';
import type { z } from 'zod';
import type { CallContext } from './operation.js';

/** Makes a union of names of fields, or nothing where they are not known. */
type NamesOf<Fields> = Extract<keyof Fields, string>;

/** A field that has to be filled in before a list or a schema can be asked for. */
export type Dependency<Input, Config> = `config.${NamesOf<Config>}` | `input.${NamesOf<Input>}`;

/**
 * What is known of a step while somebody sets it up. Fields that are missing or not valid yet are left out; of the input those
 * are there whose values follow from samples.
 */
export interface FormContext<Input, Credential, Config, Settings> extends CallContext<Credential, Settings> {
  input: Partial<Input>;
  config: Partial<Config>;
}

export interface OptionsContext<Input, Credential, Config, Settings> extends FormContext<
  Input,
  Credential,
  Config,
  Settings
> {
  /** A part of the label that is looked for; empty for all. */
  search: string;
  /** `nextCursor` of the page before; `undefined` for the first one. */
  cursor: string | undefined;
}

/** A value that a field may have. Without a label the value is shown; a text is its own value and label. */
export type OfferedOption = string | (Omit<FieldOption, 'label'> & { label?: string });

/** At most 1,000 at a time: page longer lists, or look for `search` in the real system. */
export type OfferedOptions =
  | readonly OfferedOption[]
  | { items: readonly OfferedOption[]; nextCursor?: string | undefined };

/**
 * Loads a list of values. As a function it depends on the credential alone, and what people type is looked for in what it
 * returns; as an object it says what else it needs, and with `searchable` that it looks for `search` itself.
 */
export type OptionList<Context, Needs extends string> =
  | ((context: Context) => Promise<OfferedOptions> | OfferedOptions)
  | {
      /** Fields that it reads; it is called only when all of them are there. */
      dependsOn?: readonly Needs[];
      searchable?: boolean;
      load: (context: Context) => Promise<OfferedOptions> | OfferedOptions;
    };

/** An object as JSON Schema 2020-12 or as a zod schema. */
export type LoadedSchema = JsonObject | z.ZodType;

/** Computes the part of a schema that is not the same for everybody; what it names is added to the schema that is written down. */
export type DynamicSchema<Context, Needs extends string> =
  | ((context: Context) => Promise<LoadedSchema> | LoadedSchema)
  | {
      /** Fields that it reads; it is called only when all of them are there. */
      dependsOn?: readonly Needs[];
      load: (context: Context) => Promise<LoadedSchema> | LoadedSchema;
    };

/** What an operation may say for the forms in which its steps are set up. Nothing here may change the real system. */
export interface FormDefinition<Input, Output, Credential, Config, Settings> {
  /** Retrieves one output from the real system, such as the newest record of its kind; `undefined` when there is none. */
  sample?: (
    context: FormContext<Input, Credential, Config, Settings>,
  ) => Promise<Output | undefined> | Output | undefined;
  /** Lists of values by name; a field of input or config takes its values from one with `.meta({ optionsFrom: name })`. */
  options?: Readonly<
    Record<string, OptionList<OptionsContext<Input, Credential, Config, Settings>, Dependency<Input, Config>>>
  >;
  /** Only config and credential are known when they are asked for. The schema that is written down must be a `z.looseObject`. */
  schemas?: {
    input?: DynamicSchema<FormContext<unknown, Credential, Config, Settings>, Dependency<unknown, Config>>;
    output?: DynamicSchema<FormContext<unknown, Credential, Config, Settings>, Dependency<unknown, Config>>;
  };
}

/** What the runtime gives to all of these. */
export type RuntimeFormContext = OptionsContext<unknown, unknown, unknown, unknown>;

/** A list or a schema that is loaded, as the runtime sees it. */
export interface Loader<Loaded> {
  readonly dependsOn: readonly string[];
  readonly searchable: boolean;
  load(context: RuntimeFormContext): Promise<Loaded> | Loaded;
}

/** The forms of an operation as the runtime sees them. */
export interface OperationForm {
  readonly sample: ((context: RuntimeFormContext) => unknown) | undefined;
  readonly options: ReadonlyMap<string, Loader<OfferedOptions>>;
  readonly schemas: { readonly input?: Loader<LoadedSchema>; readonly output?: Loader<LoadedSchema> };
}

/** As the definition of an operation has it, its types let go. */
export interface UntypedForm {
  sample?: ((context: never) => unknown) | undefined;
  options?: Readonly<Record<string, UntypedLoader<OfferedOptions>>> | undefined;
  schemas?: { input?: UntypedLoader<LoadedSchema>; output?: UntypedLoader<LoadedSchema> } | undefined;
}

type Load<Loaded> = (context: never) => Promise<Loaded> | Loaded;
type UntypedLoader<Loaded> = Load<Loaded> | { dependsOn?: readonly string[]; searchable?: boolean; load: Load<Loaded> };

/** The one form in which the runtime has them. */
export function operationForm({ sample, options = {}, schemas = {} }: UntypedForm): OperationForm {
  return {
    sample: sample && ((context) => sample(context as never)),
    options: new Map(Object.entries(options).map(([name, list]) => [name, loaderOf(list)])),
    schemas: {
      ...(schemas.input ? { input: loaderOf(schemas.input) } : {}),
      ...(schemas.output ? { output: loaderOf(schemas.output) } : {}),
    },
  };
}

function loaderOf<Loaded>(given: UntypedLoader<Loaded>): Loader<Loaded> {
  const { dependsOn = [], searchable = false, load } = typeof given === 'function' ? { load: given } : given;
  return { dependsOn, searchable, load: (context) => load(context as never) };
}
