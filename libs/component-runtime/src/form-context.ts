import { jsonSchemaOf, TerminalError, type Operation, type RuntimeFormContext } from '@millrace/component-sdk';
import {
  isJsonObject,
  type CredentialId,
  type Json,
  type JsonObject,
  type RpcReply,
  type WorkspaceId,
} from '@millrace/contracts';
import { createMask, type Mask } from '@millrace/credentials';
import { z } from 'zod';
import { questionHttp, refusal, type QuestionTime } from './answer-within.js';
import { openFor, type StepDeps } from './run-step.js';
import { maskingInputs } from './secret-inputs.js';
import { createStepLog } from './step-log.js';

/** What a question about a step that is being set up says of it. */
export interface FormQuestion {
  workspaceId: WorkspaceId;
  operation: string;
  credential: { id: CredentialId; sealed: string } | null;
  config: JsonObject;
  input?: Json;
}

export interface OpenedForm {
  operation: Operation;
  /** The opened fields; `undefined` where the operation names no credential. */
  credential: unknown;
  mask: Mask;
}

const noMask = createMask([]);

/** The operation that is asked for, with its credential opened. */
export async function openForm(deps: StepDeps, question: FormQuestion): Promise<OpenedForm | { refused: RpcReply }> {
  const { component } = deps;
  const operation = component.operations.get(question.operation);
  if (!operation) {
    const message = `Component ${component.name} ${component.version} has no operation ${question.operation}`;
    return { refused: refusal('operation_unknown', message) };
  }
  const opens = operation.credential && (question.credential || operation.needsCredential !== false);
  const opening = opens ? await openFor(deps, question) : undefined;
  if (opening?.ok === false) return { refused: refusal(opening.code, opening.message) };
  const opened = opening?.ok ? opening.opened : undefined;
  const { config, input = null } = question;
  return {
    operation,
    credential: opened?.fields,
    mask: maskingInputs(operation, { config, input }, opened?.mask ?? noMask),
  };
}

/** What the functions of a form get. Of config and input it has what is there and fits. */
export function formContext(
  deps: StepDeps,
  { operation, credential }: OpenedForm,
  { config, input = {} }: FormQuestion,
  time: QuestionTime,
): RuntimeFormContext {
  return {
    credential,
    settings: operation.settings ? deps.settings : undefined,
    config: fittingPart(operation.config, config),
    input: fittingPart(operation.input, input),
    search: '',
    cursor: undefined,
    signal: time.abort.signal,
    logger: createStepLog(noMask).logger,
    http: questionHttp(deps.pools, time),
  };
}

/** Throws a `TerminalError` that names the first field, by its label, that is not filled in and has to be. */
export function requireFields(
  operation: Operation,
  dependsOn: readonly string[],
  known: Pick<RuntimeFormContext, 'config' | 'input'>,
): void {
  for (const name of dependsOn) {
    const [group, field] = name.startsWith('config.')
      ? (['config', name.slice('config.'.length)] as const)
      : (['input', name.slice('input.'.length)] as const);
    const values: unknown = known[group];
    if (isJsonObject(values) && values[field] !== undefined) continue;
    const { properties } = jsonSchemaOf(operation[group]);
    const property = isJsonObject(properties) ? properties[field] : undefined;
    const title = isJsonObject(property) ? property['title'] : undefined;
    throw new TerminalError(`Fill in “${typeof title === 'string' ? title : field}” first`, {
      code: 'field_needed',
      detail: { field: name },
    });
  }
}

/** The fields that fit, as the schema makes them, defaults included; of a schema that is no plain object all or none. */
export function fittingPart(schema: z.ZodType, value: Json): object {
  if (!(schema instanceof z.ZodObject)) {
    const parsed = schema.safeParse(value);
    return parsed.success && isJsonObject(parsed.data) ? parsed.data : {};
  }
  const given = isJsonObject(value) ? value : {};
  const others = schema.def.catchall && !(schema.def.catchall instanceof z.ZodNever);
  const part: Record<string, unknown> = others ? { ...given } : {};
  for (const [name, field] of Object.entries(schema.shape)) {
    const parsed = z.safeParse(field, Object.hasOwn(given, name) ? given[name] : undefined);
    if (parsed.success && parsed.data !== undefined) part[name] = parsed.data;
    else delete part[name];
  }
  return part;
}
