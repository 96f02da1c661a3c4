export { createLogger, LOG_LEVELS, type Logger, type LoggerOptions, type LogLevel, type LogMethod } from './logger.js';
export { maskUrl } from './mask-url.js';
export { presentable, REDACTED } from './redaction.js';
