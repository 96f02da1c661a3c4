import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { embeddedIpv4 } from './embedded-address.js';

export type Address = ReturnType<typeof ipaddr.parse>;

/**
 * An address as numbers. `undefined` for everything but the plain spelling that a socket and a look-up use: what else
 * looks like an address, such as `010.0.0.1` or `0x7f.1`, is a name to a socket and goes through the look-up.
 */
export function parseAddress(text: string): Address | undefined {
  return isIP(text) === 0 ? undefined : ipaddr.parse(text);
}

/** Where clouds hand their credentials to whoever asks from inside; one of them looks like a public address. */
const metadataAddresses = [
  '169.254.169.254',
  'fd00:ec2::254',
  '169.254.170.2',
  '169.254.170.23',
  'fd00:ec2::23',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
].map((text) => ipaddr.parse(text).toNormalizedString());

const globalUnicast = ipaddr.parseCIDR('2000::/3');

const wordsOfRange: Readonly<Record<string, string>> = {
  amt: 'an address of a tunnel',
  broadcast: 'a broadcast address',
  carrierGradeNat: "an address of a provider's own network",
  ipv4Mapped: 'an IPv4 address in the form of an IPv6 address',
  rfc6052: 'an IPv4 address in the form of an IPv6 address',
  rfc6145: 'an IPv4 address in the form of an IPv6 address',
  '6to4': 'an IPv4 address in the form of an IPv6 address',
  teredo: 'an IPv4 address in the form of an IPv6 address',
  linkLocal: 'a link-local address',
  loopback: 'an address of the machine itself',
  multicast: 'a multicast address',
  private: 'a private address',
  uniqueLocal: 'a private address',
  deprecatedSiteLocal: 'a private address',
  unspecified: 'an unspecified address',
};

/** True for the address of a metadata service, in any form, which no range opens and no name, only an entry of its own. */
export function isMetadataAddress(address: Address): boolean {
  return [address, ...embeddedIpv4(address)].some((one) => metadataAddresses.includes(one.toNormalizedString()));
}

/** What an address is, in words, when it is not one of the public internet; `undefined` when it is. */
export function privateKind(address: Address): string | undefined {
  if (isMetadataAddress(address)) return 'the address of a metadata service';
  const range = address.range();
  if (range !== 'unicast') return wordsOfRange[range] ?? 'a reserved address';
  // What the tables of special ranges do not name is public only inside the one block that has been given out.
  if (address.kind() === 'ipv6' && !address.match(globalUnicast)) return 'a reserved address';
  if (embeddedIpv4(address).some((inner) => privateKind(inner) !== undefined)) return wordsOfRange['ipv4Mapped'];
  return undefined;
}
