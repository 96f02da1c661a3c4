import type { z } from 'zod';
import { formFaults } from './form-checks.js';
import type { CallContext, Operation } from './operation.js';

/** What `defineComponent` takes. */
export interface ComponentDefinition<Fields extends z.ZodType, Settings extends z.ZodObject> {
  /** Lower case, fixed for ever: queues, keys and flows are named after it. */
  name: string;
  title: string;
  description?: string;
  version: string;
  /** What the operator sets in the environment of the process; checked when it starts. */
  settings?: Settings;
  credentials?: {
    /** Mark secret fields with `secret()` and describe every field. */
    fields: Fields;
    /**
     * Whether every step needs a credential; default true. An operation that names `credential` needs one in any case,
     * and one may say by itself that it does or does not (`needsCredential`).
     */
    required?: boolean;
    /** Asks the real system whether it accepts the credential; throw its reason in words when it does not. */
    verify?: (context: CallContext<z.output<Fields>, z.output<Settings>>) => Promise<void>;
  };
  actions?: Readonly<Record<string, Operation>>;
  triggers?: Readonly<Record<string, Operation>>;
}

/** A component as the runtime hosts it. */
export interface Component {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly version: string;
  readonly settings: z.ZodObject | undefined;
  readonly credentials:
    | {
        readonly fields: z.ZodType;
        readonly required: boolean;
        readonly verify: ((context: CallContext<unknown, unknown>) => Promise<void>) | undefined;
      }
    | undefined;
  readonly operations: ReadonlyMap<string, Operation>;
}

/**
 * Defines a component: its settings, its credential, its triggers and actions. Throws at once when a name is not usable,
 * a kind is in the wrong place, or an operation names other credential fields or settings than the component, or options
 * and fields that it does not have.
 */
export function defineComponent<Fields extends z.ZodType, Settings extends z.ZodObject = z.ZodObject>(
  definition: ComponentDefinition<Fields, Settings>,
): Component {
  const { name, credentials } = definition;
  if (!/^[a-z][a-z0-9-]{0,62}$/.test(name)) {
    throw new Error(`Component name "${name}" must be lower-case letters, digits and dashes and begin with a letter`);
  }
  const operations = new Map<string, Operation>();
  for (const [kind, group] of [
    ['trigger', definition.triggers],
    ['action', definition.actions],
  ] as const) {
    for (const [key, operation] of Object.entries(group ?? {})) {
      const place = `Component ${name}, ${kind} ${key}`;
      if (!/^[a-zA-Z][a-zA-Z0-9]{0,62}$/.test(key)) throw new Error(`${place}: the name must be letters and digits`);
      if (operation.kind !== kind) throw new Error(`${place} is made with ${operation.kind}()`);
      if (operations.has(key)) throw new Error(`${place}: a trigger has the same name`);
      if (operation.credential && operation.credential !== credentials?.fields) {
        throw new Error(`${place}: its credential must be the credential fields of the component`);
      }
      if (operation.settings && operation.settings !== definition.settings) {
        throw new Error(`${place}: its settings must be the settings of the component`);
      }
      const [fault] = formFaults(operation);
      if (fault !== undefined) throw new Error(`${place}: ${fault}`);
      operations.set(key, operation);
    }
  }
  if (operations.size === 0) throw new Error(`Component ${name} has neither trigger nor action`);
  const verify = credentials?.verify;
  return Object.freeze({
    name,
    title: definition.title,
    description: definition.description ?? '',
    version: definition.version,
    settings: definition.settings,
    credentials: credentials && {
      fields: credentials.fields,
      required: credentials.required ?? true,
      verify: verify && ((context: CallContext<unknown, unknown>) => verify(context as never)),
    },
    operations,
  });
}
