import type { Component } from '@millrace/component-sdk';
import { parseKey } from '@millrace/credentials';
import { type OutgoingRules, outgoingSettings } from '@millrace/outgoing';
import { loadConfig, setting } from '@millrace/process';
import { z } from 'zod';
import { defaultMemoryBytes } from './watchdog.js';

type Env = Readonly<Record<string, string | undefined>>;

export interface RuntimeConfig {
  amqpUrl: string;
  host: string;
  healthPort: number;
  /** Steps that run at the same time in this process. */
  concurrency: number;
  /** How long an operation may keep the event loop busy. */
  blockedMs: number;
  memoryBytes: number;
  /** How long an operation that ignores its abort may run on before the process is replaced. */
  maxOrphanMs: number;
  /** The component's own keys, the present one first; empty where a component without credentials has none. */
  credentialKeys: readonly Buffer[];
  /** Where the files of steps are kept; `undefined` where they are not used. */
  apiUrl: string | undefined;
  /** Which addresses that users typed may be called. */
  outgoing: OutgoingRules;
  /** What the component's own settings schema makes of the environment. */
  settings: unknown;
}

const defaultConcurrency = 64;

const runtimeShape = {
  AMQP_URL: setting.amqpUrl(),
  HOST: setting.host(),
  HEALTH_PORT: setting.port().describe('port of the health routes'),
  BLOCK_LIMIT_MS: setting
    .wholeNumber(500, 600_000)
    .default(5_000)
    .describe('how long an operation may keep the process busy without a pause'),
  ORPHAN_LIMIT_MS: setting
    .wholeNumber(1_000, 86_400_000)
    .default(5 * 60_000)
    .describe('how long an operation may run on after its abort'),
  MEMORY_LIMIT_MB: setting.wholeNumber(100, 1_000_000).optional().describe('memory that the process may hold'),
  CONCURRENCY: setting.wholeNumber(1, 1000).default(defaultConcurrency).describe('steps at the same time'),
  API_URL: setting
    .httpUrl()
    .optional()
    .describe('where the api is, for files of steps; without it they cannot be used'),
  ...outgoingSettings,
};

const credentialKeys = z
  .string()
  .transform((text, context) =>
    text.split(',').map((part) => {
      try {
        return parseKey(part);
      } catch (error) {
        context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'is not a key' });
        return Buffer.alloc(0);
      }
    }),
  )
  .describe("the component's own key in base64; while keys rotate, the new and the old one separated by a comma");

/** Reads the configuration of the runtime and the settings of the component, with all faults of both at once. */
export function loadRuntimeConfig(component: Component, env: Env): RuntimeConfig {
  const keysShape: { CREDENTIAL_KEY: z.ZodType<Buffer[] | undefined, string | undefined> } = {
    CREDENTIAL_KEY: component.credentials ? credentialKeys : credentialKeys.optional(),
  };
  const shape = { ...component.settings?.shape, ...runtimeShape, ...keysShape };
  const config = loadConfig(z.object(shape), env) as z.output<z.ZodObject<typeof runtimeShape>> & {
    CREDENTIAL_KEY?: Buffer[];
  };
  return {
    amqpUrl: config.AMQP_URL,
    host: config.HOST,
    healthPort: config.HEALTH_PORT,
    concurrency: config.CONCURRENCY,
    blockedMs: config.BLOCK_LIMIT_MS,
    memoryBytes: config.MEMORY_LIMIT_MB === undefined ? defaultMemoryBytes() : config.MEMORY_LIMIT_MB * 1024 * 1024,
    maxOrphanMs: config.ORPHAN_LIMIT_MS,
    credentialKeys: config.CREDENTIAL_KEY ?? [],
    apiUrl: config.API_URL,
    outgoing: config.OUTGOING_ALLOW,
    settings: loadSettings(component, env),
  };
}

/** Which addresses that users typed may be called. Throws `ConfigError`. */
export function loadOutgoingRules(env: Env): OutgoingRules {
  return loadConfig(z.object(outgoingSettings), env).OUTGOING_ALLOW;
}

/** The settings of the component alone; `undefined` when it has none. Throws `ConfigError`. */
export function loadSettings(component: Component, env: Env): unknown {
  return component.settings ? loadConfig(component.settings, env) : undefined;
}
