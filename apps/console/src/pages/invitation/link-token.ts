/**
 * The token of a one-time link: what stands after `#token=`. It is in the fragment because no browser sends that to a
 * server: neither an access log nor a referrer has it.
 */
export function linkToken(hash: string): string | undefined {
  const token = new URLSearchParams(hash.replace(/^#/, '')).get('token')?.trim();
  return token === undefined || token === '' ? undefined : token;
}
