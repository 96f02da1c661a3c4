export { hasNoContent, headerFault, responseHeaders, responseStatus } from './response.js';
export {
  hookMethods,
  readReceiveSettings,
  receiveSettingsSchema,
  type HookMethod,
  type ReceiveSettings,
} from './settings.js';
export { readWaitSettings, resumeMethods, waitSettingsSchema, type WaitSettings } from './wait-settings.js';
