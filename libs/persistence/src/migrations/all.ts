import { Initial20261122000000 } from './20261122000000-initial.js';
import { WebhookIntake20261122180000 } from './20261122180000-webhook-intake.js';
import { Retries20261122190000 } from './20261122190000-retries.js';
import { QueuedRuns20261122200000 } from './20261122200000-queued-runs.js';

/** Every migration, oldest first. */
export const migrations = [
  Initial20261122000000,
  WebhookIntake20261122180000,
  Retries20261122190000,
  QueuedRuns20261122200000,
];
