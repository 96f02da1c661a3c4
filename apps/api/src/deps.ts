import type { Invalidation, ResumeUrls } from '@millrace/contracts';
import type { MappingPool } from '@millrace/mapping-sandbox';
import type { Logger } from '@millrace/observability';
import type { Database } from '@millrace/persistence';
import type { AskComponent } from './credentials/verify-credential.js';
import type { SendCopy } from './parked/parked-messages.js';

/** What the routes need of the outside; made once in `app.ts`. Functions name the part of it that they use. */
export interface ApiDeps {
  database: Database;
  /** The key that the credentials of a component are sealed with. */
  credentialKey: (component: string) => Buffer;
  askComponent: AskComponent;
  /** How long the verification of a credential may take. */
  verifyWithinMs: number;
  /** Tells every instance which cached copies must go. Never rejects: caches expire by themselves, too. */
  invalidate: (ids: Partial<Invalidation>) => Promise<void>;
  sendCopy: SendCopy;
  /** Evaluates mappings, those that need the sandbox in processes of their own. */
  mappings: Pick<MappingPool, 'evaluate'>;
  /** Makes the URLs that resume waiting steps. */
  resumeUrls: Pick<ResumeUrls, 'sign'>;
  /** What webhook URLs begin with. */
  hookUrl: string;
  logger: Logger;
}

/** The token under which controllers ask Nest for `ApiDeps`. */
export const API_DEPS = Symbol('ApiDeps');
