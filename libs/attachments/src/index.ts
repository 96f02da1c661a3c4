export type { AttachmentBytes } from './attachment-bytes.js';
