/** Names of everything in the broker; `topology.ts` says how each is declared. */
export const queues = {
  triggers: 'triggers',
  results: 'results',
  parked: 'parked',
  /** Descriptors that components announce, for the catalogue. */
  catalogue: 'catalogue',
  /** Components ask api there for tokens that are not over. */
  refresh: 'credentials.refresh',
} as const;

export const exchanges = {
  /** Topic: platform events, announcements of components. */
  events: 'events',
  /** Fanout: ids of flows and credentials whose cached copies must go. */
  invalidate: 'invalidate',
} as const;

/** Routing keys of `events` that are not platform events. */
export const componentAnnounced = 'component.announced';

export function stepQueue(component: string): string {
  return `steps.${component}`;
}

/**
 * Where a component puts aside the steps of flows that are slow, so that they do not stand before those of other flows: for
 * steps that take up to about a second, and longer.
 */
export function asideQueues(component: string): { slow: string; slowest: string } {
  return { slow: `steps.${component}.slow`, slowest: `steps.${component}.slowest` };
}

/** All queues in which steps of a component may wait. */
export function stepQueues(component: string): string[] {
  return [stepQueue(component), ...Object.values(asideQueues(component))];
}

export function rpcQueue(component: string): string {
  return `rpc.${component}`;
}

/** The exclusive queue on which one connection of an instance hears what it must forget. */
export function invalidationQueue(instance: string): string {
  return `invalidate.${instance}`;
}

/** The exclusive queue on which one instance of api hears who has forgotten what it said. */
export function heardQueue(instance: string): string {
  return `heard.${instance}`;
}

/** The exclusive queue on which one instance of webhooks-service gets the answers that its callers wait for. */
export function replyQueue(instance: string): string {
  return `replies.${instance}`;
}

const replyQueueName = /^replies\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Whether it is a name that `replyQueue` makes for an instance. Messages come back through components, which may write
 * there what they like, and by its name any queue can be reached.
 */
export function isReplyQueue(name: string): boolean {
  return replyQueueName.test(name);
}
