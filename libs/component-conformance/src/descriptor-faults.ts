import { descriptorOf, jsonSchemaOf, type Component } from '@millrace/component-sdk';
import {
  decodeDescriptor,
  encodeDescriptor,
  isJsonObject,
  type ComponentDescriptor,
  type JsonObject,
  type OperationDescriptor,
} from '@millrace/contracts';
import ajvFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { fieldsOf } from './schema-fields.js';

/** What the catalogue and the forms would stumble over. Faults are sentences that name the place; none is a sound component. */
export function catalogueFaults(component: Component, settings?: unknown): string[] {
  const descriptor = descriptorOf(component, settings);
  const bytes = encodeDescriptor(descriptor);
  const faults: string[] = [];
  const decoded = decodeDescriptor(bytes);
  if (!decoded.ok) faults.push(`the catalogue refuses the descriptor: ${decoded.reason}`);
  // What changes by itself would be announced as a new descriptor by every process.
  if (!encodeDescriptor(descriptorOf(component, settings)).equals(bytes)) {
    faults.push('the descriptor is another one each time that it is derived');
  }
  for (const [place, schema] of schemasOf(descriptor)) {
    const fault = compileFault(schema);
    if (fault !== undefined) faults.push(`${place} is no JSON Schema: ${fault}`);
  }
  return faults;
}

/** Titles, descriptions and help that are missing. Settings count: an operator reads of them when they are wrong. */
export function helpFaults(component: Component, settings?: unknown): string[] {
  const descriptor = descriptorOf(component, settings);
  const faults: string[] = [];
  const say = (text: string | undefined, what: string): void => {
    if (text === undefined || text.trim() === '') faults.push(`${what} is missing`);
    else if (/undefined|\[object |\s$/.test(text)) faults.push(`${what} is “${text}”`);
  };
  say(descriptor.title, 'the title of the component');
  say(descriptor.description, 'the description of the component');
  if (!/^\d+\.\d+\.\d+$/.test(descriptor.version)) faults.push(`the version “${descriptor.version}” is not like 1.0.0`);
  for (const { name, title, description } of descriptor.operations) {
    say(title, `the title of ${name}`);
    say(description, `the description of ${name}`);
  }
  const filledIn = schemasOf(descriptor).filter(([place]) => !place.endsWith('.output'));
  const operators: Place[] = component.settings ? [['settings', jsonSchemaOf(component.settings)]] : [];
  for (const [place, schema] of [...filledIn, ...operators]) {
    for (const { path, schema: field } of fieldsOf(schema, place)) {
      const help = field['description'];
      say(typeof help === 'string' ? help : undefined, `the help of ${path}: describe the field; it`);
    }
  }
  return faults;
}

/** In a credential `key` is one; elsewhere it may be the key of a record. */
const secretInCredential = /(?:password|passphrase|secret|token|key|pin)$/i;
const secretElsewhere = /(?:password|passphrase|secret|token|api_?key|private_?key|access_?key)$/i;

/**
 * Fields that sound like a secret and are not marked as one: they would be shown in forms, answers and logs. `notSecret` are
 * those of which the author knows better: `createRow.input.pageToken`.
 */
export function secretFaults(component: Component, notSecret: readonly string[], settings?: unknown): string[] {
  const faults: string[] = [];
  const known = new Set(notSecret);
  for (const [place, schema] of schemasOf(descriptorOf(component, settings))) {
    if (place.endsWith('.output')) continue;
    const sounds = place === 'credential' ? secretInCredential : secretElsewhere;
    for (const { path, name, schema: field } of fieldsOf(schema, place)) {
      if (!sounds.test(name) || !mayHoldText(field) || field['writeOnly'] === true || known.delete(path)) continue;
      faults.push(`${path} sounds like a secret: make it with secret(), or name it in notSecret`);
    }
  }
  for (const path of known) faults.push(`notSecret names ${path}, which is no field that sounds like a secret`);
  return faults;
}

/** Lists and computed schemas that a form could not ask for. */
export function formFaults(component: Component, settings?: unknown): string[] {
  return descriptorOf(component, settings).operations.flatMap((operation) => {
    const { name, options = {}, dynamicSchemas = {} } = operation;
    const fields = [...fieldsOf(operation.config, 'config'), ...fieldsOf(operation.input, 'input')];
    const paths = new Set(fields.map(({ path }) => path));
    const wanted = fields.flatMap(({ path, schema }) => {
      const list = schema['optionsFrom'];
      return typeof list === 'string' ? [{ path, list }] : [];
    });
    const lost = wanted.filter(({ list }) => options[list] === undefined);
    const unused = Object.keys(options).filter((list) => !wanted.some((field) => field.list === list));
    const depending = [...Object.entries(options), ...Object.entries(dynamicSchemas)];
    return [
      ...lost.map(({ path, list }) => `${name}: ${path} takes its values from options.${list}, which there is not`),
      ...unused
        .filter(() => dynamicSchemas.input === undefined)
        .map((list) => `${name}: no field takes its values from options.${list}`),
      ...depending.flatMap(([of, { dependsOn }]) =>
        dependsOn
          .filter((path) => !paths.has(path) && !mayHave(operation, path))
          .map((path) => `${name}: ${of} depends on ${path}, which there is not`),
      ),
    ];
  });
}

type Place = readonly [string, JsonObject];

/** Every schema of a descriptor with where it stands. */
export function schemasOf({ credentials, operations }: ComponentDescriptor): Place[] {
  return [
    ...(credentials ? [['credential', credentials.fields] as const] : []),
    ...operations.flatMap(({ name, config, input, output }): Place[] => [
      [`${name}.config`, config],
      [`${name}.input`, input],
      [`${name}.output`, output],
    ]),
  ];
}

function compileFault(schema: JsonObject): string | undefined {
  const ajv = new Ajv2020({ strict: false, logger: false });
  ajvFormats.default(ajv);
  try {
    ajv.compile(schema);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Whether a text, and not one of a few known ones, can be filled in. */
function mayHoldText({ type, const: fixed, enum: choices, format }: JsonObject): boolean {
  return (type === undefined || type === 'string') && fixed === undefined && choices === undefined && format !== 'uri';
}

/** An open schema may have any field. */
function mayHave({ config, input }: OperationDescriptor, path: string): boolean {
  const schema = path.startsWith('config.') ? config : input;
  return isJsonObject(schema['additionalProperties']);
}
