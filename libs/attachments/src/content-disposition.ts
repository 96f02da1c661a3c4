/** Longer names would make the header larger than some clients take. */
const longestName = 200;

/**
 * `Content-Disposition` that makes browsers save a file under its name (RFC 6266, RFC 8187), whatever the name holds.
 * Old clients take the ASCII form.
 */
export function attachmentDisposition(name: string): string {
  const whole = Buffer.from(name.slice(0, longestName)).toString();
  // No path, and nothing that could end the header or the quoted string.
  const safe = whole.replaceAll(/[\p{Cc}/\\]/gu, '_') || 'file';
  const ascii = safe.replaceAll(/[^\u0020-\u007e]|["%]/g, '_');
  const encoded = encodeURIComponent(safe).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
