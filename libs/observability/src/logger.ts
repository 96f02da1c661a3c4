import { pino, stdTimeFunctions, type DestinationStream, type Logger as PinoLogger } from 'pino';

import { standardOutput } from './line-writer.js';
import { maskUrl } from './mask-url.js';
import { presentable } from './redaction.js';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Writes one line: a sentence, with an object of fields before it when there are any; errors go under `err`. */
export interface LogMethod {
  (fields: object, message: string): void;
  (message: string): void;
}

/** What libraries depend on instead of a logging package. */
export interface Logger {
  readonly trace: LogMethod;
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  readonly fatal: LogMethod;
  /** A logger that adds the given fields to each of its lines. */
  child(fields: Record<string, unknown>): Logger;
}

export interface LoggerOptions {
  /** Name of the process in every line. */
  service: string;
  /** Default `info`; `silent` writes nothing, which is what tests use. */
  level?: LogLevel | undefined;
  /** Where lines go; default is the standard output. */
  destination?: { write(line: string): void } | undefined;
}

/**
 * Creates the logger of a process: one JSON object per line with `level`, `time`, `service`, `pid`, `msg` and the given fields.
 * Secret keys, payload buffers and credentials in URLs never reach the line.
 *
 * Lines are written without blocking the event loop; what is buffered is flushed when the process exits or a `fatal` is logged.
 * When nobody reads the standard output any more, lines are dropped, and the process ends as usual.
 */
export function createLogger(options: LoggerOptions): Logger {
  const stream: DestinationStream = options.destination ?? standardOutput();
  const writer = pino(
    {
      level: options.level ?? 'info',
      base: { service: options.service, pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: presentable, bindings: presentable },
      // Errors come out of `presentable` as plain objects; the default serializer would take them for errors again.
      serializers: { err: (shown: unknown) => shown },
      // The fields are masked already; this covers the sentence itself.
      hooks: { streamWrite: maskUrl },
    },
    stream,
  );
  return loggerOver(writer);
}

/** Pino applies the formatters of bindings to its root only, so the fields of each child are masked on the way in. */
function loggerOver(writer: PinoLogger): Logger {
  return {
    trace: writer.trace.bind(writer),
    debug: writer.debug.bind(writer),
    info: writer.info.bind(writer),
    warn: writer.warn.bind(writer),
    error: writer.error.bind(writer),
    fatal: writer.fatal.bind(writer),
    child: (fields) => loggerOver(writer.child(presentable(fields))),
  };
}
