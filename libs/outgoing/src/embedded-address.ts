import ipaddr from 'ipaddr.js';
import type { Address } from './address-kind.js';

type Bytes = readonly number[];

/**
 * The forms of an IPv6 address that a gateway or the machine itself turns into an IPv4 address, with the bytes that are this
 * one. Where more than one layout is possible, each is taken.
 */
const forms: readonly { prefix: ReturnType<typeof ipaddr.parseCIDR>; places: readonly Bytes[]; inverted?: Bytes }[] = [
  // Mapped (RFC 4291), compatible (deprecated by it), translated (RFC 7915).
  { prefix: ipaddr.parseCIDR('::ffff:0:0/96'), places: [[12, 13, 14, 15]] },
  { prefix: ipaddr.parseCIDR('::/96'), places: [[12, 13, 14, 15]] },
  { prefix: ipaddr.parseCIDR('::ffff:0:0:0/96'), places: [[12, 13, 14, 15]] },
  // NAT64: the well-known prefix, and the one for own use with the layouts that fit below it (RFC 6052, RFC 8215).
  { prefix: ipaddr.parseCIDR('64:ff9b::/96'), places: [[12, 13, 14, 15]] },
  {
    prefix: ipaddr.parseCIDR('64:ff9b:1::/48'),
    places: [
      [6, 7, 9, 10],
      [7, 9, 10, 11],
      [9, 10, 11, 12],
      [12, 13, 14, 15],
    ],
  },
  // 6to4 (RFC 3056).
  { prefix: ipaddr.parseCIDR('2002::/16'), places: [[2, 3, 4, 5]] },
  // Teredo (RFC 4380): the server, and the client with its bits inverted.
  { prefix: ipaddr.parseCIDR('2001::/32'), places: [[4, 5, 6, 7]], inverted: [12, 13, 14, 15] },
];
const isatap = [0x5e, 0xfe];

/** The IPv4 addresses that an IPv6 address may stand for; none for an IPv4 address. */
export function embeddedIpv4(address: Address): Address[] {
  if (address.kind() === 'ipv4') return [];
  const bytes = address.toByteArray();
  const at = (places: Bytes, mask = 0): Address =>
    ipaddr.fromByteArray(places.map((place) => (bytes[place] ?? 0) ^ mask));
  const found = forms
    .filter(({ prefix: [base, bits] }) => address.match(base, bits))
    .flatMap(({ places, inverted }) => [
      ...places.map((place) => at(place)),
      ...(inverted ? [at(inverted, 0xff)] : []),
    ]);
  // ISATAP (RFC 5214), below any prefix.
  const isTunnel =
    ((bytes[8] ?? 0) & 0xfd) === 0 && bytes[9] === 0 && bytes[10] === isatap[0] && bytes[11] === isatap[1];
  return isTunnel ? [...found, at([12, 13, 14, 15])] : found;
}
