import { z } from 'zod';
import { trustProxySetting } from './trust-proxy.js';

/** The configuration is not usable; the message lists every fault and no value of a variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Reads the configuration of a process from environment variables, once, at its start. A variable that is empty counts
 * as missing. Returns the parsed and deeply frozen settings; throws `ConfigError` with all faults at once. Describe
 * each field (`.describe('…')`): the text is shown to whoever has to set it.
 */
export function loadConfig<Schema extends z.ZodObject>(
  schema: Schema,
  env: Readonly<Record<string, string | undefined>>,
): Readonly<z.output<Schema>> {
  const given: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) {
    const value = env[name]?.trim();
    if (value) given[name] = value;
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return deepFreeze(parsed.data);
  const faults = parsed.error.issues.map((issue) => {
    const name = issue.path.join('.');
    const field: unknown = schema.shape[String(issue.path[0])];
    const help = field instanceof z.ZodType && field.description ? ` (${field.description})` : '';
    const missing = issue.path.length === 1 && given[name] === undefined;
    return `  ${name || 'together'}: ${missing ? 'is missing' : issue.message}${help}`;
  });
  throw new ConfigError(`The configuration is not usable. Set these environment variables:\n${faults.join('\n')}`);
}

function wholeNumber(minimum: number, maximum: number): z.ZodType<number, string> {
  const message = `must be a whole number from ${minimum} to ${maximum}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, message)
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum, message);
}

/** Building blocks for the settings that several processes share. */
export const setting = {
  /** A whole number with bounds. */
  wholeNumber,
  /** A TCP port; 0 lets the system choose. */
  port: (): z.ZodType<number, string> => wholeNumber(0, 65_535),
  /** The address to listen on; only this machine unless the operator says otherwise. */
  host: (): z.ZodType<string, string | undefined> =>
    z.string().default('127.0.0.1').describe('address to listen on, 0.0.0.0 for all'),
  /** Where RabbitMQ is. */
  amqpUrl: (): z.ZodType<string, string> =>
    z.url({ protocol: /^amqps?$/, error: 'must be an amqp:// or amqps:// URL' }).describe('where RabbitMQ is'),
  /** Whose `x-forwarded-*` headers are believed. */
  trustProxy: trustProxySetting,
  /** An http or https URL; a slash at its end is dropped. */
  httpUrl: (): z.ZodType<string, string> =>
    z
      .url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL' })
      .transform((url) => url.replace(/\/+$/, '')),
} as const;

/** Freezes a value and all that is in it; buffers, which cannot be, stay as they are. */
export function deepFreeze<T>(value: T): Readonly<T> {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) deepFreeze(member);
  return value;
}
