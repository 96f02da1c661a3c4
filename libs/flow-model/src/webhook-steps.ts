import type { JsonObject } from '@millrace/contracts';
import { pointerToken } from '@millrace/mapping';
import { receiveSettingsSchema } from '@millrace/webhook-settings';
import type { Problem } from './problem.js';

interface UsedOperation {
  component?: string | null | undefined;
  operation?: string | null | undefined;
}

/** Whether a step is fed by the webhook URL of its flow, so that its configuration holds the settings of that URL. */
export function isReceiveStep({ component, operation }: UsedOperation): boolean {
  return component === 'webhook' && operation === 'receive';
}

/** Whether a step answers the caller of the webhook URL. */
export function isReplyStep({ component, operation }: UsedOperation): boolean {
  return component === 'webhook' && operation === 'reply';
}

/** Whether a step waits for a call of its resume URL. */
export function isWaitStep({ component, operation }: UsedOperation): boolean {
  return component === 'webhook' && operation === 'wait';
}

/** What JSON Schema cannot say of the settings of a webhook, such as which headers an answer may have. */
export function receiveProblems(config: JsonObject, pointer: string): Problem[] {
  const parsed = receiveSettingsSchema.safeParse(config);
  if (parsed.success) return [];
  return parsed.error.issues.map(({ path, message }) => ({
    pointer: pointer + path.map((key) => `/${pointerToken(String(key))}`).join(''),
    code: 'invalid_value',
    message: `${message}.`,
  }));
}
