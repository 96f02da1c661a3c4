import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { type Address, isMetadataAddress, parseAddress, privateKind } from './address-kind.js';
import { AddressRefusedError } from './address-refused-error.js';
import { embeddedIpv4 } from './embedded-address.js';

/** Which addresses may be called: all of the public internet, and of the others what the operator allows. */
export interface OutgoingRules {
  /** Why `address`, to which `host` resolves or which it is, may not be called; `undefined` when it may. */
  refusal(host: string, address: string): AddressRefusedError | undefined;
}

interface Allowed {
  hosts: ReadonlySet<string>;
  /** `.example.org` for `*.example.org`. */
  suffixes: readonly string[];
  addresses: ReadonlySet<string>;
  ranges: readonly [Address, number][];
}

/** Makes the rules of a list of addresses, ranges and host names; `faults` name the entries that are none of these. */
export function parseOutgoingAllow(text: string): { rules: OutgoingRules; faults: readonly string[] } {
  const hosts = new Set<string>();
  const suffixes: string[] = [];
  const addresses = new Set<string>();
  const ranges: [Address, number][] = [];
  const faults: string[] = [];
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== '');
  for (const [index, entry] of entries.entries()) {
    const name = plainHost(entry);
    const address = parseAddress(name);
    if (address) addresses.add(address.toNormalizedString());
    else if (isRange(entry)) ranges.push(ipaddr.parseCIDR(entry));
    else if (isWildcard(name)) suffixes.push(name.slice(1));
    else if (isHostName(name)) hosts.add(name);
    else faults.push(`entry ${index + 1} is no address, no range such as 10.1.0.0/16 and no host name`);
  }
  return { rules: rulesOf({ hosts, suffixes, addresses, ranges }), faults };
}

/** Only the public internet. */
export const publicOnly: OutgoingRules = parseOutgoingAllow('').rules;

const shape = {
  OUTGOING_ALLOW: z
    .string()
    .default('')
    .transform((text, context) => {
      const { rules, faults } = parseOutgoingAllow(text);
      for (const message of faults) context.addIssue({ code: 'custom', message });
      return rules;
    })
    .describe(
      'addresses outside the public internet that flows may call, separated by commas: 10.1.2.3, 10.1.0.0/16, crm.internal, *.internal',
    ),
};

/** What the operator allows, as a field that a process spreads into the schema of its settings. */
export const outgoingSettings: typeof shape = shape;

function rulesOf(allowed: Allowed): OutgoingRules {
  return {
    refusal(host, text) {
      const address = parseAddress(text);
      if (!address) return new AddressRefusedError(host, text, 'no address');
      const kind = privateKind(address);
      if (kind === undefined || allowed.addresses.has(address.toNormalizedString())) return undefined;
      if (isMetadataAddress(address)) return new AddressRefusedError(host, text, kind);
      if (allowsHost(allowed, plainHost(host))) return undefined;
      // A range of a gateway to IPv4 opens the public internet behind it, not the private networks.
      const opened = inRange(allowed, address) && embeddedIpv4(address).every((inner) => isOpen(allowed, inner));
      return opened ? undefined : new AddressRefusedError(host, text, kind);
    },
  };
}

function isOpen(allowed: Allowed, address: Address): boolean {
  if (privateKind(address) === undefined || inRange(allowed, address)) return true;
  return allowed.addresses.has(address.toNormalizedString());
}

function allowsHost(allowed: Allowed, host: string): boolean {
  return allowed.hosts.has(host) || allowed.suffixes.some((suffix) => host.endsWith(suffix));
}

function inRange(allowed: Allowed, address: Address): boolean {
  return allowed.ranges.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits));
}

/** As names are compared: lower case, no dot at the end, no brackets about an address. */
function plainHost(host: string): string {
  return host
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase();
}

function isRange(entry: string): boolean {
  const [base, bits, ...further] = entry.split('/');
  if (base === undefined || bits === undefined || further.length > 0 || !/^\d{1,3}$/.test(bits)) return false;
  const address = parseAddress(base);
  return address !== undefined && Number(bits) <= (address.kind() === 'ipv4' ? 32 : 128);
}

const label = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
const hostName = new RegExp(`^${label}(?:\\.${label})*$`);

/** A last label of digits alone would be an address to every URL parser. */
function isHostName(name: string): boolean {
  return name.length <= 253 && hostName.test(name) && !/(?:^|\.)(?:\d+|0x[\da-f]*)$/.test(name);
}

function isWildcard(name: string): boolean {
  return name.startsWith('*.') && isHostName(name.slice(2));
}
