import type { Reached } from '@millrace/contracts';
import { createLogger, LOG_LEVELS, type Logger } from '@millrace/observability';
import { z } from 'zod';
import { ConfigError, loadConfig } from './config.js';
import { readCrashPoint } from './crash-at.js';

/** A started process. */
export interface RunningProcess {
  /** Takes no new work, lets the work in flight end, closes connections. */
  close(): Promise<void>;
}

export interface ProcessOptions {
  /** Name in every log line. */
  service: string;
  env: Readonly<Record<string, string | undefined>>;
  /** `reached` is for the crash points of the process: see `readCrashPoint`. */
  start(logger: Logger, reached: Reached): Promise<RunningProcess>;
  /** After this long a drain is given up; the broker delivers again what was in flight. */
  drainTimeoutMs?: number;
}

const defaultDrainTimeoutMs = 25_000;

/**
 * The life of a process, for its `main.ts`: starts it; on SIGTERM or SIGINT closes it and exits with 0, or with 1 when
 * that takes too long; a second signal ends it at once. A configuration that is not usable is told on stderr in plain
 * words. An unhandled rejection or exception is logged as fatal and ends the process with 1: its state is unknown, and
 * whatever it had not acknowledged comes again.
 */
export async function runProcess(options: ProcessOptions): Promise<void> {
  const logger = createLogger({ service: options.service, level: logLevel(options.env) });
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      logger.fatal({ err: error instanceof Error ? error : new Error(String(error)) }, `${event}, the process ends`);
      process.exit(1);
    });
  }
  let running: RunningProcess;
  try {
    running = await options.start(logger, readCrashPoint(options.env));
  } catch (error) {
    if (error instanceof ConfigError) process.stderr.write(`${options.service}: ${error.message}\n`);
    else logger.fatal({ err: error }, 'could not start');
    process.exit(1);
  }
  let ending = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (ending) process.exit(1);
      ending = true;
      logger.info({ signal }, 'stopping');
      void endProcess(running, options.drainTimeoutMs ?? defaultDrainTimeoutMs, logger);
    });
  }
}

async function endProcess(running: RunningProcess, drainTimeoutMs: number, logger: Logger): Promise<void> {
  setTimeout(() => {
    logger.error({ drainTimeoutMs }, 'work in flight did not end in time');
    process.exit(1);
  }, drainTimeoutMs).unref();
  try {
    await running.close();
    logger.info('stopped');
    process.exit(0);
  } catch (error) {
    logger.error({ err: error }, 'could not stop cleanly');
    process.exit(1);
  }
}

const levelSchema = z.object({
  LOG_LEVEL: z
    .enum(LOG_LEVELS)
    .default('info')
    .describe(`one of ${LOG_LEVELS.join(', ')}`),
});

function logLevel(env: ProcessOptions['env']): (typeof LOG_LEVELS)[number] {
  try {
    return loadConfig(levelSchema, env).LOG_LEVEL;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
