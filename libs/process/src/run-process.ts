import type { Reached } from '@millrace/contracts';
import { createLogger, LOG_LEVELS, type Logger } from '@millrace/observability';
import { z } from 'zod';
import { ConfigError, loadConfig } from './config.js';
import { readCrashPoint } from './crash-at.js';

/** A started process. */
export interface RunningProcess {
  /** Takes no new work, lets the work in flight end, closes connections. */
  close(): Promise<void>;
  /**
   * Whether an error that nobody caught belongs to one piece of the work, which is dealt with, so that the process may go on.
   * Called in the context in which the error came up.
   */
  claim?(error: unknown): boolean;
  /** Resolves with the reason when the process should be replaced by a new one; it is closed then and exits with 75. */
  readonly worn?: Promise<string>;
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

/** Exit code of a process that wants to be started again (`EX_TEMPFAIL`). */
const replaceCode = 75;

/**
 * The life of a process, for its `main.ts`: starts it; on SIGTERM or SIGINT closes it and exits with 0, or with 1 when
 * that takes too long; a second signal ends it at once. A configuration that is not usable is told on stderr in plain
 * words. An unhandled rejection or exception that the process does not claim is logged as fatal and ends it with 1: its
 * state is unknown, and whatever it had not acknowledged comes again. A worn process is closed and exits with 75.
 */
export async function runProcess(options: ProcessOptions): Promise<void> {
  const logger = createLogger({ service: options.service, level: logLevel(options.env) });
  let running: RunningProcess | undefined;
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      if (running?.claim?.(error)) return;
      logger.fatal({ err: error instanceof Error ? error : new Error(String(error)) }, `${event}, the process ends`);
      process.exit(1);
    });
  }
  try {
    running = await options.start(logger, readCrashPoint(options.env));
  } catch (error) {
    if (error instanceof ConfigError) process.stderr.write(`${options.service}: ${error.message}\n`);
    else logger.fatal({ err: error }, 'could not start');
    process.exit(1);
  }
  let ending = false;
  const end = (started: RunningProcess, code: number): void => {
    ending = true;
    void endProcess(started, { drainTimeoutMs: options.drainTimeoutMs ?? defaultDrainTimeoutMs, logger, code });
  };
  const started = running;
  void started.worn?.then((reason) => {
    if (ending) return;
    logger.error({ reason }, 'the process is to be replaced, stopping');
    end(started, replaceCode);
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (ending) process.exit(1);
      logger.info({ signal }, 'stopping');
      end(started, 0);
    });
  }
}

async function endProcess(
  running: RunningProcess,
  { drainTimeoutMs, logger, code }: { drainTimeoutMs: number; logger: Logger; code: number },
): Promise<void> {
  setTimeout(() => {
    logger.error({ drainTimeoutMs }, 'work in flight did not end in time');
    process.exit(1);
  }, drainTimeoutMs).unref();
  try {
    await running.close();
    logger.info('stopped');
    process.exit(code);
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
