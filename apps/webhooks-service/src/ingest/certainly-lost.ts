import { PublishError, type PublishFailure } from '@millrace/amqp';

/** After these the broker holds no message; after a nack or an end midway a queue may hold it after all. */
const notHeld = new Set<PublishFailure>(['returned', 'unavailable', 'overloaded', 'tooLarge']);

/** Whether no run can come of a message whose publish failed like that, so that its files are needed by nobody. */
export function isCertainlyLost(error: unknown): boolean {
  return error instanceof PublishError && notHeld.has(error.reason);
}
