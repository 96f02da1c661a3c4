export type { BodyFault, BodyLimits, FileSink, ReadBody } from './read-body.js';
