import { closedSchemaOf, jsonSchemaOf, TerminalError, wholeSchema, type OfferedOptions } from '@millrace/component-sdk';
import type {
  FieldOption,
  JsonObject,
  ListOptionsRequest,
  OptionsReply,
  ReadSchemaRequest,
  RpcReply,
  SchemaReply,
} from '@millrace/contracts';
import { z } from 'zod';
import { answerWithin, refusal, type QuestionDeps } from './answer-within.js';
import { formContext, openForm, requireFields } from './form-context.js';
import { readJson } from './read-json.js';

/** Of one page: no list of choices is read beyond that. */
const maxOptions = 1_000;
const maxLabelLength = 500;
const maxSchemaBytes = 256 * 1024;

/** Loads the values that a field may have, and keeps those that fit what is looked for. */
export async function listOptions(deps: QuestionDeps, request: ListOptionsRequest): Promise<RpcReply> {
  const form = await openForm(deps, request);
  if ('refused' in form) return form.refused;
  const { operation, mask } = form;
  const list = operation.form.options.get(request.list);
  if (!list) return refusal('options_unknown', `“${operation.title}” has no list ${request.list}`);
  const inVain = `${deps.component.title} could not list the values`;
  return answerWithin(
    deps.question,
    { timeoutMs: request.timeoutMs, mask, inVain },
    async (time): Promise<OptionsReply> => {
      const context = formContext(deps, form, request, time);
      requireFields(operation, list.dependsOn, context);
      const { search, cursor } = request;
      const { items, nextCursor } = pageOf(
        await list.load({ ...context, search, cursor: cursor ?? undefined }),
        request,
      );
      const wanted = search.toLocaleLowerCase();
      const found = list.searchable || wanted === '' ? items : items.filter((option) => mentions(option, wanted));
      return { items: found, nextCursor };
    },
  );
}

/** Computes a schema and joins it to what is always there. */
export async function readSchema(deps: QuestionDeps, request: ReadSchemaRequest): Promise<RpcReply> {
  const form = await openForm(deps, request);
  if ('refused' in form) return form.refused;
  const { operation, mask } = form;
  const dynamic = operation.form.schemas[request.of];
  const always = request.of === 'input' ? closedSchemaOf(operation.input) : jsonSchemaOf(operation.output);
  if (!dynamic) return { ok: true, value: { schema: always } };
  const inVain = `${deps.component.title} could not tell the fields`;
  return answerWithin(
    deps.question,
    { timeoutMs: request.timeoutMs, mask, inVain },
    async (time): Promise<SchemaReply> => {
      const context = formContext(deps, form, request, time);
      requireFields(operation, dynamic.dependsOn, context);
      const loaded: unknown = await dynamic.load(context);
      const schema = loaded instanceof z.ZodType ? closedSchemaOf(loaded) : loaded;
      try {
        const read = readJson(schema, maxSchemaBytes);
        if (!read.ok) throw new Error(`it must be JSON of at most ${maxSchemaBytes} bytes`);
        return { schema: wholeSchema(always, read.json as JsonObject) };
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new TerminalError(`The component computed a schema of the ${request.of} that is none: ${reason}`, {
          code: 'schema_invalid',
        });
      }
    },
  );
}

const offered = z.union([
  z.string(),
  z.object({
    value: z.union([z.string(), z.number(), z.boolean()]),
    label: z.string().optional(),
    description: z.string().optional(),
  }),
]);
const offeredPage = z.union([
  z.array(offered),
  z.object({ items: z.array(offered), nextCursor: z.string().min(1).optional() }),
]);

function pageOf(
  loaded: OfferedOptions,
  { list }: { list: string },
): { items: FieldOption[]; nextCursor: string | null } {
  const read = offeredPage.safeParse(loaded);
  if (!read.success) {
    const message = `The component gave for the list ${list} what is no list of values and labels`;
    throw new TerminalError(message, { code: 'options_invalid' });
  }
  const { items, nextCursor = null } = Array.isArray(read.data)
    ? { items: read.data, nextCursor: undefined }
    : read.data;
  if (items.length > maxOptions) {
    const message = `The component gave ${items.length} values for the list ${list}, and ${maxOptions} are allowed at a time`;
    throw new TerminalError(message, { code: 'options_too_many' });
  }
  return { items: items.map(optionOf), nextCursor };
}

function optionOf(option: z.output<typeof offered>): FieldOption {
  const { value, label, description } = typeof option === 'string' ? { value: option } : (option as FieldOption);
  return {
    value,
    label: (label === undefined || label === '' ? String(value) : label).slice(0, maxLabelLength),
    ...(description === undefined ? {} : { description: description.slice(0, maxLabelLength) }),
  };
}

function mentions({ value, label, description = '' }: FieldOption, wanted: string): boolean {
  return [label, String(value), description].some((text) => text.toLocaleLowerCase().includes(wanted));
}
