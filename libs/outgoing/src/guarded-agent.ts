import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import type { AddressRefusedError } from './address-refused-error.js';
import type { OutgoingRules } from './outgoing-rules.js';

export type AgentOptions = Omit<Agent.Options, 'connect' | 'factory'> & {
  /** How long a connection may take to be made; default 10 s. */
  connectTimeoutMs?: number;
};

export type GuardedAgentOptions = AgentOptions & {
  rules: OutgoingRules;
  /** Asks for the addresses of a name; default is the system's resolver. */
  lookup?: LookupFunction;
};

const defaultConnectTimeoutMs = 10_000;

/**
 * Keeps connections to addresses that users typed. Every address is judged when a socket is about to connect to it: a
 * literal one as it stands, those of a name as the look-up of that socket returns them, and the socket gets only those
 * that were judged good, so that a name that resolves differently the next time gains nothing. Requests reject with
 * `AddressRefusedError` when none is left. It speaks http and https alone and follows no redirects. Close it when the
 * process ends.
 */
export function createGuardedAgent(options: GuardedAgentOptions): Agent {
  const { rules, lookup = systemLookup, connectTimeoutMs = defaultConnectTimeoutMs, ...agentOptions } = options;
  const connect = buildConnector({ timeout: connectTimeoutMs, lookup: guardLookup(rules, lookup) });
  return new Agent({
    ...agentOptions,
    connect(target, callback) {
      // A socket looks up names only.
      const refusal = isIP(target.hostname) === 0 ? undefined : rules.refusal(target.hostname, target.hostname);
      if (refusal) process.nextTick(callback, refusal, null);
      else connect(target, callback);
    },
  });
}

/** Keeps connections to addresses that the operator set, whatever they are. Close it when the process ends. */
export function createTrustedAgent(options: AgentOptions = {}): Agent {
  const { connectTimeoutMs = defaultConnectTimeoutMs, ...agentOptions } = options;
  return new Agent({ ...agentOptions, connect: { timeout: connectTimeoutMs } });
}

/** A look-up for `net.connect` that leaves out the addresses that may not be called, and fails when none is left. */
export function guardLookup(rules: OutgoingRules, lookup: LookupFunction = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, []);
      const addresses = Array.isArray(found) ? found : [{ address: found, family: isIP(found) }];
      let refusal: AddressRefusedError | undefined;
      const good = addresses.filter(({ address }) => {
        const refused = rules.refusal(hostname, address);
        refusal ??= refused;
        return refused === undefined;
      });
      const [first] = good;
      if (!first) return callback(refusal ?? noAddress(hostname), []);
      if (options.all) return callback(null, good);
      return callback(null, first.address, first.family);
    });
  };
}

function noAddress(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: 'ENOTFOUND', hostname });
}
