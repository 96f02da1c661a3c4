import type { Invalidation, Reached, ResumeUrls } from '@millrace/contracts';
import type { MappingPool } from '@millrace/mapping-sandbox';
import type { Logger } from '@millrace/observability';
import type { Database } from '@millrace/persistence';
import type { AskComponent } from './credentials/verify-credential.js';
import type { AskTokenEndpoint } from './oauth2/token-endpoint.js';
import type { SendCopy } from './parked/parked-messages.js';
import type { SendAnswer } from './runs/answer-caller.js';
import type { Plans } from './runs/plans.js';
import type { StepMasks } from './runs/step-masks.js';

/** What the routes need of the outside; made once in `app.ts`. Functions name the part of it that they use. */
export interface ApiDeps {
  database: Database;
  /** The key that the credentials of a component are sealed with. */
  credentialKey: (component: string) => Buffer;
  askComponent: AskComponent;
  askTokenEndpoint: AskTokenEndpoint;
  /** Where systems send people back to who have authorized us. */
  oauth2CallbackUrl: string;
  /** How long a component may take to verify a credential, or to answer another question about its system. */
  verifyWithinMs: number;
  /** Tells every instance which cached copies must go. Never rejects: caches expire by themselves, too. */
  invalidate: (ids: Partial<Invalidation>) => Promise<void>;
  sendCopy: SendCopy;
  sendAnswer: SendAnswer;
  /** Published versions, compiled. */
  plans: Plans;
  /** Says that there is a bulk job, so that it need not wait for the next look at the table. */
  wakeJobs: () => void;
  reached: Reached;
  /** How many messages wait in a queue; `undefined` when the broker cannot be asked now, or has no such queue. */
  messageCount: (queue: string) => Promise<number | undefined>;
  /**
   * How many consumers a queue has, as of the last second; `undefined` when the broker cannot be asked now. Of a queue that
   * does not exist, none.
   */
  consumerCount: (queue: string) => Promise<number | undefined>;
  /** Evaluates mappings, those that need the sandbox in processes of their own. */
  mappings: Pick<MappingPool, 'evaluate'>;
  /** Hides in runs what descriptors mark secret. */
  stepMasks: StepMasks;
  /** Makes the URLs that resume waiting steps. */
  resumeUrls: Pick<ResumeUrls, 'sign'>;
  /** What the first set-up asks for. */
  setupToken: string;
  /** What people reach the console by. */
  consoleUrl: string;
  /** What webhook URLs begin with. */
  hookUrl: string;
  logger: Logger;
}

/** The token under which controllers ask Nest for `ApiDeps`. */
export const API_DEPS = Symbol('ApiDeps');
