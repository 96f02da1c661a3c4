import { Initial20261122000000 } from './20261122000000-initial.js';
import { WebhookIntake20261122180000 } from './20261122180000-webhook-intake.js';
import { Retries20261122190000 } from './20261122190000-retries.js';
import { ActingOnRuns20261122202000 } from './20261122202000-acting-on-runs.js';
import { Collections20261122205000 } from './20261122205000-collections.js';
import { RunLog20261122204000 } from './20261122204000-run-log.js';
import { Waits20261122201000 } from './20261122201000-waits.js';
import { Schedules20261122203000 } from './20261122203000-schedules.js';
import { OAuth220261122206000 } from './20261122206000-oauth2.js';
import { Administration20261123100000 } from './20261123100000-administration.js';
import { CredentialFailure20261123120000 } from './20261123120000-credential-failure.js';
import { DraftSavers20261123130000 } from './20261123130000-draft-savers.js';
import { ConsoleReads20261123110000 } from './20261123110000-console-reads.js';
import { QueuedRuns20261122200000 } from './20261122200000-queued-runs.js';

/** Every migration, oldest first. */
export const migrations = [
  Initial20261122000000,
  WebhookIntake20261122180000,
  Retries20261122190000,
  QueuedRuns20261122200000,
  Waits20261122201000,
  ActingOnRuns20261122202000,
  Schedules20261122203000,
  RunLog20261122204000,
  Collections20261122205000,
  OAuth220261122206000,
  Administration20261123100000,
  ConsoleReads20261123110000,
  CredentialFailure20261123120000,
  DraftSavers20261123130000,
];
