import { Initial20261122000000 } from './20261122000000-initial.js';
import { WebhookIntake20261122180000 } from './20261122180000-webhook-intake.js';

/** Every migration, oldest first. */
export const migrations = [Initial20261122000000, WebhookIntake20261122180000];
