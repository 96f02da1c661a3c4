import { z } from 'zod';
import type { OAuth2Definition } from './oauth2.js';
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
    /** How a credential of type `oauth2` is got and kept fresh; made by `oauth2`. */
    oauth2?: OAuth2Definition<z.output<Settings>>;
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
        readonly oauth2: OAuth2Definition<never> | undefined;
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
  if (credentials?.oauth2 && !offersOAuth2(credentials.fields)) {
    throw new Error(`Component ${name} has oauth2, so its credential fields must be, or offer, oauth2Fields(…)`);
  }
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
      oauth2: credentials.oauth2,
    },
    operations,
  });
}

function offersOAuth2(fields: z.ZodType): boolean {
  const options = fields instanceof z.ZodUnion ? fields.options : [fields];
  return options.some((option) => {
    if (!(option instanceof z.ZodObject)) return false;
    const { type, clientId, accessToken, refreshToken } = option.shape as Record<string, z.ZodType | undefined>;
    return type?.safeParse('oauth2').success === true && [clientId, accessToken, refreshToken].every(Boolean);
  });
}
