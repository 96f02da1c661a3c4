/** Headers that prove who the caller is: they end here and reach neither broker, run log nor steps. */
const credentialHeaders = new Set(['authorization', 'proxy-authorization', 'cookie']);

/** Headers that speak of this one connection (RFC 9110 §7.6.1), not of the request. */
const connectionHeaders = new Set(['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade']);

/** The headers of a call that go on with it, by lower-case name; repeated ones are joined by commas. */
export function keptHeaders(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || credentialHeaders.has(name) || connectionHeaders.has(name)) continue;
    kept[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return kept;
}
