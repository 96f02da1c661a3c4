import { addresses, methods } from './addresses.js';
import { authentication } from './authentication.js';
import { charsets, contentTypes } from './charsets.js';
import { contentEncodings } from './encodings.js';
import { formsAndTables } from './forms-and-tables.js';
import { headerFields } from './header-fields.js';
import { json } from './json.js';
import { lengthsAndChunks } from './lengths-and-chunks.js';
import { multiparts } from './multipart.js';
import type { Subject } from './request.js';
import { requestLines } from './request-lines.js';
import { sizes } from './sizes.js';
import { xml } from './xml.js';

/** All that is answered at once. What is answered only after a time is in `slow.ts`. */
export const subjects: readonly Subject[] = [
  requestLines,
  headerFields,
  lengthsAndChunks,
  addresses,
  methods,
  contentTypes,
  charsets,
  json,
  xml,
  formsAndTables,
  multiparts,
  contentEncodings,
  sizes,
  authentication,
];
