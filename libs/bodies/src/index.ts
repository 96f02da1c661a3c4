export { BodyAborted } from './body-error.js';
export { readBuffered } from './buffered.js';
export { decompress, decompressBuffer, type DecompressLimits } from './content-coding.js';
export {
  bodyKindOf,
  fileTypeOf,
  isStreamed,
  type BodyHead,
  type BodyKind,
  type BufferedKind,
  type StreamedKind,
} from './content-type.js';
export { findJsonFault, placeOf, type JsonFault } from './json-fault.js';
export type { BodyFault, BodyLimits, FileSink, ReadBody } from './read-body.js';
export { readStreamed, type StreamOptions } from './streamed.js';
