import type { OutgoingMessage } from '@millrace/amqp';
import type { CredentialId, Reached, WorkspaceId, ResumeUrls, FlowId } from '@millrace/contracts';
import type { MappingPool } from '@millrace/mapping-sandbox';
import type { Logger } from '@millrace/observability';
import type { Database } from '@millrace/persistence';
import type { HoldingFlows } from './holding-flows.js';
import type { FlowPlans } from './plans.js';

/** What the engine's functions need; built once in the composition root. */
export interface EngineDeps {
  database: Database;
  plans: FlowPlans;
  credentials: { find(workspaceId: WorkspaceId, credentialId: CredentialId): Promise<string | undefined> };
  /** Evaluates what needs the sandbox. */
  mappings: Pick<MappingPool, 'evaluate'>;
  /** Makes the URLs that resume waiting steps. */
  resumeUrls: Pick<ResumeUrls, 'sign'>;
  /** The flows whose requests are held, as while they are paused. */
  holding: Pick<HoldingFlows, 'peek' | 'find'>;
  /** Says that a run of the flow may be able to begin: one has come, or one that had a place has ended. */
  pokeQueue(flowId: FlowId): void;
  broker: EngineBroker;
  logger: Logger;
  /** Aborted when the process shuts down: endless retries end, and the broker delivers again. */
  stopping: AbortSignal;
  /** How long after its timeout a step run counts as overdue. */
  overdueGraceMs: number;
  reached: Reached;
}

export interface EngineBroker {
  /** Resolves once the broker has confirmed the message. */
  publish(message: OutgoingMessage): Promise<void>;
  /** Declares the queues of a component unless this connection has done so already. */
  ensureComponent(name: string): Promise<void>;
  /** Declares them once more: a message came back because its queue is gone. */
  redeclareComponent(name: string): Promise<void>;
  /** Messages ready in a queue; `undefined` when there is no such queue. */
  messageCount(queue: string): Promise<number | undefined>;
  /** Consumers of a queue; `undefined` when there is no such queue. */
  consumerCount(queue: string): Promise<number | undefined>;
}
