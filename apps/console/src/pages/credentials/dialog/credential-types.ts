import { inWords, isRecord, type JsonSchema } from '../../../forms/json-schema.js';

/** One way in which a component can be signed in to, as the drop-down "Type" offers it. */
export interface CredentialType {
  /** Of the type and its preset. */
  key: string;
  label: string;
  help: string | undefined;
  group: string;
  /** The fields that are asked for. */
  schema: JsonSchema;
  /** What is sent besides them. */
  given: Readonly<Record<string, string>>;
}

/** The names that people know the types by, whatever component they are of. */
const typeLabels: Readonly<Record<string, string>> = {
  none: 'No Auth',
  basic: 'Basic Auth',
  apiKey: 'API Key Auth',
  hmac: 'HMAC verification',
  bearer: 'Bearer token',
  oauth1: 'OAuth 1.0a',
  oauth2: 'OAuth 2.0',
};

/** Names of senders that are no plain words. */
const presetLabels: Readonly<Record<string, string>> = {
  github: 'GitHub',
  gitlab: 'GitLab (secret token)',
  'gitlab-signed': 'GitLab (signing token)',
  hubspot: 'HubSpot',
  sendgrid: 'SendGrid',
  'standard-webhooks': 'Standard Webhooks',
};

export const ownTypes = 'Types';
export const presetTypes = 'HMAC verification of known senders';

/** Fields that matter only while a secret is being changed. */
const ofChanges = /^previous[A-Z]/;

/** What a preset leaves to be filled in. */
const fieldsOfPresets = ['secret', 'previousSecret', 'previousUntil'];

/** All types of the fields of a credential; a single one, without a choice, where the schema has no alternatives. */
export function credentialTypes(fields: JsonSchema): CredentialType[] {
  const variants = (fields.oneOf ?? fields.anyOf ?? []).filter((variant) => typeConst(variant) !== undefined);
  if (variants.length === 0) {
    return [{ key: '', label: 'Fields', help: undefined, group: ownTypes, schema: fields, given: {} }];
  }
  const own = variants.map((variant) => ownType(variant));
  return [...own, ...variants.flatMap((variant) => presetsOf(variant))];
}

/** What a credential is called by its kind, such as "HMAC verification, GitHub"; undefined where there is one kind only. */
export function kindWords(
  fields: JsonSchema | undefined,
  { type, preset }: { type: string | null; preset: string | null },
): string | undefined {
  if (type === null) return undefined;
  const types = fields ? credentialTypes(fields) : [];
  const labelOf = (key: string): string | undefined => types.find((candidate) => candidate.key === key)?.label;
  const kind = labelOf(type) ?? typeLabels[type] ?? inWords(type);
  return preset === null ? kind : `${kind}, ${labelOf(`${type}:${preset}`) ?? presetLabels[preset] ?? inWords(preset)}`;
}

/** The type that fields, such as those of a finding of the detective, belong to, and what is left to be filled in. */
export function typeOfFields(
  types: readonly CredentialType[],
  fields: Readonly<Record<string, unknown>>,
): { type: CredentialType; values: Record<string, unknown> } | undefined {
  const fitting = types.filter(({ given }) => Object.entries(given).every(([name, value]) => fields[name] === value));
  const [type] = fitting.toSorted((one, other) => Object.keys(other.given).length - Object.keys(one.given).length);
  if (!type) return undefined;
  const values = Object.entries(fields).filter(([name]) => !Object.hasOwn(type.given, name));
  return { type, values: Object.fromEntries(values) };
}

function ownType(variant: JsonSchema): CredentialType {
  const name = typeConst(variant) ?? '';
  const { type, preset: _preset, ...properties } = variant.properties ?? {};
  const help = typeof type?.description === 'string' ? type.description : undefined;
  return {
    key: name,
    label: typeof variant.title === 'string' ? variant.title : (typeLabels[name] ?? inWords(name)),
    help: help?.includes(': ') === true ? afterColon(help) : help,
    group: ownTypes,
    schema: narrowed(variant, properties),
    given: { type: name },
  };
}

function presetsOf(variant: JsonSchema): CredentialType[] {
  const name = typeConst(variant) ?? '';
  const { preset } = variant.properties ?? {};
  const names = Array.isArray(preset?.enum) ? preset.enum.filter((value) => typeof value === 'string') : [];
  const kept = Object.entries(variant.properties ?? {}).filter(([field]) => fieldsOfPresets.includes(field));
  return names.map((value) => {
    const label = presetLabels[value] ?? inWords(value);
    return {
      key: `${name}:${value}`,
      label,
      help: `Signed as ${label} documents it: all that is needed is the secret`,
      group: presetTypes,
      schema: narrowed(variant, Object.fromEntries(kept)),
      given: { type: name, preset: value },
    };
  });
}

function narrowed(variant: JsonSchema, properties: Record<string, JsonSchema>): JsonSchema {
  const required = (variant.required ?? []).filter((field) => Object.hasOwn(properties, field));
  const folded = Object.entries(properties).map(([name, property]) => {
    return [name, ofChanges.test(name) ? { ...property, advanced: true } : property] as const;
  });
  return { ...variant, properties: Object.fromEntries(folded), required };
}

function typeConst(variant: JsonSchema): string | undefined {
  const type = isRecord(variant.properties) ? variant.properties['type'] : undefined;
  return typeof type?.const === 'string' ? type.const : undefined;
}

function afterColon(text: string): string {
  const rest = text.slice(text.indexOf(': ') + 2);
  return `${rest[0]?.toUpperCase() ?? ''}${rest.slice(1)}`;
}
