import type { LoggerService } from '@nestjs/common';
import type { Logger } from '@millrace/observability';

/**
 * Lets Nest write through the logger of the process. What Nest tells of its own wiring is of interest only when
 * something is being debugged, so its `log` becomes `debug`.
 */
export function nestLogger(logger: Logger): LoggerService {
  const write =
    (level: 'trace' | 'debug' | 'warn' | 'error' | 'fatal') =>
    (message: unknown, ...rest: unknown[]): void => {
      const texts = rest.filter((part) => typeof part === 'string');
      const context = texts.at(-1);
      const fields = {
        ...(context === undefined ? {} : { context }),
        ...(message instanceof Error ? { err: message } : {}),
        ...(level === 'error' && texts.length > 1 ? { stack: texts[0] } : {}),
      };
      logger[level](fields, message instanceof Error ? message.message : textOf(message));
    };
  return {
    log: write('debug'),
    debug: write('debug'),
    verbose: write('trace'),
    warn: write('warn'),
    error: write('error'),
    fatal: write('fatal'),
  };
}

function textOf(message: unknown): string {
  if (typeof message === 'string') return message;
  return JSON.stringify(message) ?? String(message);
}
