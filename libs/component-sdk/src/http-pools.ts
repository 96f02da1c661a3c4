import { createGuardedAgent, createTrustedAgent, type Dispatcher, type OutgoingRules } from '@millrace/outgoing';

/** The kept-alive connections of one process. */
export interface HttpPools {
  /** The connections for an address: those of the operator's own addresses are not judged, all others are. */
  of(target: URL): Dispatcher;
  /** Waits for the calls in flight. */
  close(): Promise<void>;
  /** Ends the calls in flight. */
  destroy(): Promise<void>;
}

export interface HttpPoolsOptions {
  /**
   * The component's settings. An http or https address that is one of their values was chosen by the operator, so its
   * origin may lie inside of the network; every other address may come from a user, and is judged.
   */
  settings: unknown;
  /** What else the operator allows. */
  rules: OutgoingRules;
}

const agentOptions = { keepAliveTimeout: 10_000 };

/** Makes the connections of a process. Close them when it ends. */
export function createHttpPools({ settings, rules }: HttpPoolsOptions): HttpPools {
  const guarded = createGuardedAgent({ ...agentOptions, rules });
  const trusted = createTrustedAgent(agentOptions);
  const origins = originsOf(settings);
  return {
    of: (target) => (origins.has(target.origin) ? trusted : guarded),
    close: async () => void (await Promise.all([guarded.close(), trusted.close()])),
    destroy: async () => void (await Promise.all([guarded.destroy(), trusted.destroy()])),
  };
}

function originsOf(settings: unknown, origins = new Set<string>()): ReadonlySet<string> {
  if (typeof settings === 'string' && /^https?:/i.test(settings) && URL.canParse(settings)) {
    origins.add(new URL(settings).origin);
  } else if (typeof settings === 'object' && settings !== null) {
    for (const member of Object.values(settings)) originsOf(member, origins);
  }
  return origins;
}
