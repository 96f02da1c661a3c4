export { createLogger, LOG_LEVELS, type Logger, type LoggerOptions, type LogLevel, type LogMethod } from './logger.js';
export { maskUrl } from './mask-url.js';
export { presentable, REDACTED } from './redaction.js';
export { createMetrics, type Counter, type Histogram, type Labels, type Metrics } from './metrics.js';
