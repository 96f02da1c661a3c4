export type { AttachmentBytes, ByteRange } from './attachment-bytes.js';
export { openAttachmentBytes, type AttachmentDrivers } from './attachment-drivers.js';
export {
  createAttachmentStore,
  type AttachmentStore,
  type AttachmentStoreDeps,
  type NewFile,
  type StoredAttachment,
} from './attachment-store.js';
export { AttachmentStoreError, type AttachmentStoreFault } from './attachment-store-error.js';
export { fileRoute, type FileRouteOptions } from './file.route.js';
export { createFileUrls, type FileUrls, type FileUrlsOptions } from './file-urls.js';
export { attachmentSettings, withAttachmentRules, type AttachmentSettings } from './settings.js';
