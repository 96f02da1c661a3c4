import { randomUUID } from 'node:crypto';
import { jsonSchemaOf, schemaWords, TerminalError, type Component } from '@millrace/component-sdk';
import type { CredentialId, JsonObject, WorkspaceId } from '@millrace/contracts';
import { createMask, CredentialUnreadableError, openCredential, secretsOf, type Mask } from '@millrace/credentials';
import { deepFreeze, fieldProblems } from '@millrace/process';
import type { z } from 'zod';

export interface SealedCredential {
  workspaceId: WorkspaceId;
  credential: { id: CredentialId; sealed: string } | null;
}

export interface OpenedCredential {
  /** What the component's schema makes of the fields; frozen, for steps share it. */
  fields: unknown;
  mask: Mask;
}

export type CredentialOpening =
  | { ok: true; opened: OpenedCredential }
  /** `transient`: it may open later, for example while keys are being rotated. */
  | {
      ok: false;
      code:
        | 'credential_missing'
        | 'credential_unreadable'
        | 'credential_invalid'
        | 'credential_refused'
        | 'token_expired';
      message: string;
      transient: boolean;
    };

/** Opens the credentials of one component, with its own keys only. */
export type CredentialOpener = (sealed: SealedCredential) => CredentialOpening;

/**
 * Opened credentials are kept, for one is used by many steps, and opening it costs as much as the rest of a small step
 * (30 µs of CPU). A changed credential is another ciphertext, so what is kept never goes stale.
 */
const maxKept = 100;

export function createCredentialOpener(component: Component, keys: readonly Buffer[]): CredentialOpener {
  const { credentials } = component;
  const schema: z.ZodType | undefined = credentials?.fields;
  const jsonSchema: JsonObject = schema ? jsonSchemaOf(schema) : {};

  const kept = new Map<string, CredentialOpening>();

  return (sealed) => {
    const { id = '', sealed: ciphertext = '' } = sealed.credential ?? {};
    const key = `${sealed.workspaceId} ${id} ${ciphertext}`;
    const known = kept.get(key);
    if (known) return known;
    const opening = open(sealed);
    if (opening.ok) {
      const [oldest] = kept.keys();
      if (oldest !== undefined && kept.size >= maxKept) kept.delete(oldest);
      kept.set(key, opening);
    }
    return opening;
  };

  function open({ workspaceId, credential }: SealedCredential): CredentialOpening {
    if (!schema) {
      const message = `Component ${component.name} takes no credential`;
      return { ok: false, code: 'credential_invalid', message, transient: false };
    }
    if (credential === null) {
      const message = `The step has no credential, and component ${component.name} needs one: choose it in the flow`;
      return { ok: false, code: 'credential_missing', message, transient: false };
    }
    let fields: JsonObject;
    try {
      const { id, sealed } = credential;
      fields = openCredential({ keys, workspaceId, credentialId: id, component: component.name, sealed });
    } catch (error) {
      if (!(error instanceof CredentialUnreadableError)) throw error;
      return {
        ok: false,
        code: 'credential_unreadable',
        message: error.message,
        transient: error.reason === 'unknown_key',
      };
    }
    const secrets = secretsOf(jsonSchema, fields);
    const mask = createMask(secrets);
    const parsed = parsedBy(schema, fields);
    if (!parsed) {
      const message = `The check of the fields that ${component.name} makes of its credential failed`;
      return { ok: false, code: 'credential_invalid', message, transient: false };
    }
    if (parsed.success) return { ok: true, opened: { fields: deepFreeze(parsed.data), mask } };
    const usual = faultsWithOtherSecrets(schema, fields, secrets);
    const faults = parsed.error.issues.map(
      ({ path, message }) => `/${path.join('/')}: ${usual.has(message) ? message : mask(message)}`,
    );
    const message = `The credential does not have the fields that ${component.name} needs: ${faults.join('; ')}`;
    return { ok: false, code: 'credential_invalid', message, transient: false };
  }
}

/** `undefined` when a check of the schema throws: its words may hold a secret. */
function parsedBy(schema: z.ZodType, fields: JsonObject): z.ZodSafeParseResult<unknown> | undefined {
  try {
    return schema.safeParse(fields, schemaWords);
  } catch {
    return undefined;
  }
}

/**
 * What the schema says of the same fields with other secrets. A sentence that is among it tells nothing of a secret, and
 * is shown whole: masked, a word in it that happens to be the secret would be a gap that names it.
 */
function faultsWithOtherSecrets(schema: z.ZodType, fields: JsonObject, secrets: readonly string[]): Set<string> {
  const others: unknown = JSON.parse(JSON.stringify(fields), (_, value: unknown) =>
    typeof value === 'string' && secrets.includes(value) ? randomUUID() : value,
  );
  return new Set(schema.safeParse(others, schemaWords).error?.issues.map(({ message }) => message));
}

/** Parses with a schema of the component; throws a `TerminalError` with JSON pointers when it is refused. */
export function parseFor<Schema extends z.ZodType>(
  what: 'input' | 'config',
  schema: Schema,
  value: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(value, schemaWords);
  if (parsed.success) return parsed.data;
  const problems = fieldProblems(parsed.error.issues).slice(0, 50);
  const name = what === 'input' ? 'The input' : 'The configuration of the step';
  const faults = problems.map(({ pointer, message }) => `${pointer || 'the whole'}: ${message}`);
  throw new TerminalError(`${name} does not fit: ${faults.join('; ')}`, {
    code: `invalid_${what}`,
    detail: { problems: problems.map((problem) => ({ ...problem })) },
  });
}
