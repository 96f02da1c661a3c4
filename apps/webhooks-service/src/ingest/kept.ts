/** Headers that prove who the caller is: they end here and reach neither broker, run log nor steps. */
const credentialHeaders = new Set(['authorization', 'proxy-authorization', 'cookie']);

/** Headers that speak of this one connection (RFC 9110 §7.6.1), not of the request. */
const connectionHeaders = new Set(['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade']);

/**
 * The headers of a call that go on with it, by lower-case name; repeated ones are joined by commas. `secretHeaders` are
 * those in which the flow's credential sends its secret.
 */
export function keptHeaders(
  headers: Record<string, string | string[] | undefined>,
  secretHeaders: readonly string[],
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || credentialHeaders.has(name) || connectionHeaders.has(name)) continue;
    if (secretHeaders.includes(name)) continue;
    kept[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return kept;
}

/** The query of a call without the parameters in which the flow's credential sends its secret. */
export function keptQuery(
  query: Record<string, string | string[]>,
  secretNames: readonly string[],
): Record<string, string | string[]> {
  if (secretNames.length === 0) return query;
  return Object.fromEntries(Object.entries(query).filter(([name]) => !secretNames.includes(name)));
}
