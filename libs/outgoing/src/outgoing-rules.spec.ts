import { BlockList } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { outgoingSettings, parseOutgoingAllow, publicOnly } from './outgoing-rules.js';
import { outgoingUrlFault } from './url-fault.js';

/** What must never be reached, written down a second time from the registries of special addresses. */
const closed = new BlockList();
for (const range of [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '168.63.129.16/32',
]) {
  const [base = '', bits] = range.split('/');
  closed.addSubnet(base, Number(bits), 'ipv4');
}
const closedIpv6 = ['::/3', '2001::/32', '2001:db8::/32', '2002::/16', '4000::/2', '8000::/1'].map((range) => {
  const [base = '', bits] = range.split('/');
  const list = new BlockList();
  list.addSubnet(base, Number(bits), 'ipv6');
  return list;
});

const byte = fc.integer({ min: 0, max: 255 });
const anyIpv4 = fc.tuple(byte, byte, byte, byte);
const special = fc.oneof(
  fc.tuple(fc.constantFrom(0, 10, 127, 255), byte, byte, byte),
  fc.tuple(fc.constant(100), fc.integer({ min: 64, max: 127 }), byte, byte),
  fc.tuple(fc.constant(169), fc.constant(254), byte, byte),
  fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), byte, byte),
  fc.tuple(fc.constant(192), fc.constant(168), byte, byte),
  fc.tuple(fc.integer({ min: 224, max: 255 }), byte, byte, byte),
);
type Octets = readonly [number, number, number, number];
const dotted = (octets: Octets) => octets.join('.');
const numberOf = ([a, b, c, d]: Octets) => a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d;
const groups = ([a, b, c, d]: Octets) => `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;

/** The ways to write an IPv4 address in a URL. */
const spellings: readonly ((octets: Octets) => string)[] = [
  dotted,
  (octets) => `${dotted(octets)}.`,
  (octets) => String(numberOf(octets)),
  (octets) => `0x${numberOf(octets).toString(16)}`,
  (octets) => `0${numberOf(octets).toString(8)}`,
  (octets) => octets.map((octet) => `0x${octet.toString(16)}`).join('.'),
  (octets) => octets.map((octet) => `0${octet.toString(8)}`).join('.'),
  ([a, b, c, d]) => `${a}.${b * 65_536 + c * 256 + d}`,
  ([a, b, c, d]) => `0x${a.toString(16)}.${b}.0${(c * 256 + d).toString(8)}`,
  (octets) => dotted(octets).replace(/\d/g, (digit) => String.fromCodePoint(0xff_10 + Number(digit))),
  (octets) => dotted(octets).replaceAll('.', '。'),
  (octets) => dotted(octets).replaceAll('.', '%2e'),
  (octets) => `[::ffff:${dotted(octets)}]`,
  (octets) => `[::ffff:${groups(octets)}]`,
  (octets) => `[0:0:0:0:0:FFFF:${groups(octets)}]`,
  (octets) => `[::ffff:0:${groups(octets)}]`,
  (octets) => `[::${dotted(octets)}]`,
  (octets) => `[64:ff9b::${dotted(octets)}]`,
  (octets) => `[64:ff9b:1::${groups(octets)}]`,
  (octets) => `[2002:${groups(octets)}::1]`,
  (octets) => `[2001::${groups(octets)}]`,
];

describe('what may be called when nothing is allowed', () => {
  it('is an IPv4 address exactly when it is one of the public internet', () => {
    fc.assert(
      fc.property(fc.oneof(anyIpv4, special), (octets) => {
        const address = dotted(octets);
        // Networks that answer for everybody's private addresses, and tunnels, are public but of no use.
        fc.pre(!/^(192\.(175\.48|31\.196|52\.193|88\.99)\.)/.test(address));
        expect(publicOnly.refusal('a.example', address) !== undefined).toBe(closed.check(address, 'ipv4'));
      }),
      { numRuns: 2000 },
    );
  });

  it('is no IPv6 address outside the block that has been given out, nor one that holds an IPv4 address', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        if (!closedIpv6.some((list) => list.check(address, 'ipv6'))) return;
        expect(publicOnly.refusal('a.example', address)).toBeDefined();
      }),
      { numRuns: 2000 },
    );
    for (const address of ['2606:4700::6810:84e5', '2a00:1450:4001:80e::200e', '2001:4860:4860::8888']) {
      expect(publicOnly.refusal('a.example', address)).toBeUndefined();
    }
  });

  it('is no private address in any spelling that a URL takes', () => {
    fc.assert(
      fc.property(special, fc.constantFrom(...spellings), (octets, spell) => {
        expect(outgoingUrlFault(`http://${spell(octets)}:8080/path`, publicOnly)).toMatch(/OUTGOING_ALLOW|not a URL/);
      }),
      { numRuns: 3000 },
    );
  });

  it('is nothing that is no address', () => {
    for (const text of ['', 'localhost', '1.2.3', '010.0.0.1', '8.8.8.8/32', '8.8.8.8 ']) {
      expect(publicOnly.refusal('a.example', text)?.kind).toBe('no address');
    }
  });

  it.each([
    ['169.254.169.254', 'the address of a metadata service'],
    ['168.63.129.16', 'the address of a metadata service'],
    ['fd00:ec2::254', 'the address of a metadata service'],
    ['127.0.0.1', 'an address of the machine itself'],
    ['::1', 'an address of the machine itself'],
    ['fe80::1%eth0', 'a link-local address'],
    ['fd12::1', 'a private address'],
    ['::', 'an unspecified address'],
    ['ff02::1', 'a multicast address'],
    ['::ffff:8.8.8.8', 'an IPv4 address in the form of an IPv6 address'],
    ['2606:4700::5efe:10.0.0.1', 'an IPv4 address in the form of an IPv6 address'],
    ['64:ff9b::a9fe:a9fe', 'the address of a metadata service'],
    ['100.64.0.1', "an address of a provider's own network"],
  ])('says of %s that it is %s', (address, kind) => {
    expect(publicOnly.refusal('a.example', address)?.kind).toBe(kind);
  });
});

describe('what the operator allows', () => {
  const { rules, faults } = parseOutgoingAllow(
    '10.1.0.0/16, 192.168.7.7 fd12::/16,[::1], crm.internal,*.svc.cluster.local, 100.64.0.0/10, CDN.Example.',
  );

  it('is opened by address, range, name and names below a name', () => {
    expect(faults).toEqual([]);
    for (const [host, address] of [
      ['x.example', '10.1.255.255'],
      ['x.example', '192.168.7.7'],
      ['x.example', 'fd12::8'],
      ['[::1]', '::1'],
      ['x.example', '0:0:0:0:0:0:0:1'],
      ['CRM.internal.', '127.0.0.1'],
      ['petstore.default.svc.cluster.local', '172.20.3.4'],
      ['cdn.example', '10.9.9.9'],
    ] as const) {
      expect(rules.refusal(host, address), `${host} ${address}`).toBeUndefined();
    }
  });

  it('leaves closed what it does not name', () => {
    for (const [host, address] of [
      ['x.example', '10.2.0.1'],
      ['x.example', '192.168.7.8'],
      ['evilcrm.internal', '127.0.0.1'],
      ['crm.internal.evil.example', '127.0.0.1'],
      ['svc.cluster.local', '172.20.3.4'],
      ['x.example', '::ffff:10.1.0.1'],
    ] as const) {
      expect(rules.refusal(host, address), `${host} ${address}`).toBeDefined();
    }
  });

  it('opens a metadata service by its own address alone, not by a range or a name', () => {
    expect(rules.refusal('crm.internal', '169.254.169.254')).toBeDefined();
    expect(rules.refusal('x.example', '100.100.100.200')).toBeDefined();
    expect(parseOutgoingAllow('169.254.169.254').rules.refusal('x.example', '169.254.169.254')).toBeUndefined();
  });

  const metadata = ['169.254.169.254', '169.254.170.2', '100.100.100.200', '168.63.129.16', '192.0.0.192'];
  const inverted = (octets: Octets): Octets => octets.map((octet) => 255 - octet) as unknown as Octets;
  /** The forms of IPv6 that end at an IPv4 address. */
  const wrappings: readonly ((octets: Octets, rest: number) => string)[] = [
    (octets) => `::ffff:${dotted(octets)}`,
    (octets) => `::${dotted(octets)}`,
    (octets) => `::ffff:0:${dotted(octets)}`,
    (octets) => `64:ff9b::${dotted(octets)}`,
    (octets, rest) => `64:ff9b:1:${rest.toString(16)}::${dotted(octets)}`,
    ([a, b, c, d]) => `64:ff9b:1:${(a * 256 + b).toString(16)}:${c.toString(16)}:${(d * 256).toString(16)}::`,
    (octets, rest) => `2002:${groups(octets)}:${rest.toString(16)}::1`,
    (octets, rest) => `2001:0:${rest.toString(16)}:1:2:3:${groups(inverted(octets))}`,
    (octets, rest) => `2001:0:${groups(octets)}:${rest.toString(16)}:1:2:3`,
    (octets, rest) => `2606:4700:${rest.toString(16)}:1:0:5efe:${groups(octets)}`,
    (octets) => `fe80::200:5efe:${groups(octets)}`,
  ];

  it('opens no form of IPv6 that ends at a metadata service, by a name or a range', () => {
    const wide = parseOutgoingAllow('*.internal, ::/0, 0.0.0.0/0').rules;
    const octetsOf = (text: string) => text.split('.').map(Number) as unknown as Octets;
    fc.assert(
      fc.property(
        fc.constantFrom(...metadata),
        fc.constantFrom(...wrappings),
        fc.integer({ min: 1, max: 0xfffe }),
        (inner, wrap, rest) => {
          const address = wrap(octetsOf(inner), rest);
          for (const host of ['x.internal', 'x.example']) expect(wide.refusal(host, address)).toBeDefined();
        },
      ),
    );
  });

  it('opens by a range of a gateway what is public behind it, and of the rest what is open itself', () => {
    const gateway = parseOutgoingAllow('64:ff9b::/96, 10.1.0.0/16').rules;
    fc.assert(
      fc.property(fc.oneof(anyIpv4, special), (octets) => {
        const inner = dotted(octets);
        const refused = gateway.refusal('x.example', `64:ff9b::${inner}`) !== undefined;
        expect(refused).toBe(gateway.refusal('x.example', inner) !== undefined);
      }),
    );
    expect(gateway.refusal('x.example', '64:ff9b::10.1.2.3')).toBeUndefined();
    expect(gateway.refusal('x.example', '64:ff9b::10.2.2.3')).toBeDefined();
  });

  it('names the entries that cannot be read by their place', () => {
    const text = 'ok.example, 10.0.0.0/33, http://a.example, a.example:80, 1.2.3, 10.0.0.0/8/8, *.*, 0x7f, 10.0.0.1';
    expect(parseOutgoingAllow(text).faults.map((fault) => fault.split(' ')[1])).toEqual([
      '2',
      '3',
      '4',
      '5',
      '6',
      '7',
      '8',
    ]);
    const parsed = z.object(outgoingSettings).safeParse({ OUTGOING_ALLOW: 'a:b' });
    expect(parsed.error?.issues.map(({ message }) => message)).toEqual([
      'entry 1 is no address, no range such as 10.1.0.0/16 and no host name',
    ]);
  });
});

describe('an address that a user types', () => {
  it.each([
    ['petstore', 'is not a URL'],
    ['ftp://a.example/', 'must begin with https:// or http://'],
    ['file:///etc/passwd', 'must begin with https:// or http://'],
    ['https://user:word@a.example/', 'must hold no user and password: put them into a credential'],
    [
      'http://[::1]/',
      '::1 is an address of the machine itself, and Millrace calls only the public internet: the operator can allow it with OUTGOING_ALLOW',
    ],
  ])('%s %s', (text, fault) => {
    expect(outgoingUrlFault(text, publicOnly)).toBe(fault);
  });

  it('may be any name, which is judged when it is called, and any public address', () => {
    for (const text of [
      'https://localhost/',
      'http://a.example:81/x?y',
      'https://1.1.1.1/',
      'http://[2606:4700::1]/',
    ]) {
      expect(outgoingUrlFault(text, publicOnly)).toBeUndefined();
    }
  });
});
