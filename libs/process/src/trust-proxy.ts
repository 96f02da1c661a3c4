import { isIP } from 'node:net';
import { z } from 'zod';

/**
 * The proxies whose `x-forwarded-*` headers are believed: none, that many hops counted from this process, or those with
 * the given addresses. The first address that is not trusted is the caller's, so what a caller itself writes into
 * `x-forwarded-for` is never believed.
 */
export type TrustProxy = 'none' | number | readonly string[];

const maxHops = 10;
const message = `must be none, the number of proxies (1 to ${maxHops}), or their addresses as 10.0.0.0/8,192.168.1.7`;

/** The setting of it; not even the nearest proxy is trusted unless the operator says so. */
export function trustProxySetting(): z.ZodType<TrustProxy, string | undefined> {
  return z
    .string()
    .default('none')
    .transform((text, context): TrustProxy => {
      if (text === 'none') return text;
      if (/^\d{1,2}$/.test(text) && Number(text) >= 1 && Number(text) <= maxHops) return Number(text);
      const addresses = text.split(',').map((address) => address.trim());
      if (addresses.every(isAddressRange)) return addresses;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    })
    .describe(
      'whose x-forwarded-for and x-forwarded-proto to believe: none, a number of proxies, or a list of their addresses; ' +
        'a number only where no caller can get past the proxies',
    );
}

/** What Fastify takes for it. Fastify itself takes no number of hops: it cannot know whether callers get past the proxies. */
export function trustOf(trusted: TrustProxy): false | string[] | ((address: string, hop: number) => boolean) {
  if (trusted === 'none') return false;
  return typeof trusted === 'number' ? (_address, hop) => hop < trusted : [...trusted];
}

function isAddressRange(text: string): boolean {
  const [, address = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0) return false;
  return prefix === undefined || (Number(prefix) >= 1 && Number(prefix) <= (version === 4 ? 32 : 128));
}
