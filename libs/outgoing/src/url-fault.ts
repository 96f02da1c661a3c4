import { isIP } from 'node:net';
import type { OutgoingRules } from './outgoing-rules.js';

/**
 * What is wrong with an address that a user typed, in words for a form; `undefined` when nothing can be seen yet. Asks
 * no resolver: what a name resolves to is judged when it is called.
 */
export function outgoingUrlFault(text: string, rules: OutgoingRules): string | undefined {
  if (!URL.canParse(text)) return 'is not a URL';
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'must begin with https:// or http://';
  if (url.username !== '' || url.password !== '') return 'must hold no user and password: put them into a credential';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(host) === 0 ? undefined : rules.refusal(host, host)?.message;
}
