/** What a webhook asks of its callers, as far as it is known. */
export type WebhookAuth = 'none' | 'basic' | 'apiKey' | 'hmac' | 'unknown';

/** A command that sends a sample to a webhook. Words in braces are to be replaced. */
export function curlText(url: string, auth: WebhookAuth, sample: unknown = example): string {
  const body = JSON.stringify(sample, null, 2) ?? 'null';
  const lines = [
    `curl -X POST ${shellWord(url)}`,
    ...authLines(auth),
    `-H 'Content-Type: application/json'`,
    `-d ${shellWord(body)}`,
  ];
  return lines.join(' \\\n  ');
}

const example = { petname: 'Gromit', petstatus: 'Sold' };

function authLines(auth: WebhookAuth): string[] {
  switch (auth) {
    case 'basic':
      return [`-u '{USERNAME}:{PASSWORD}'`];
    case 'apiKey':
      return [`-H '{HEADER}: {API_KEY}'`];
    case 'hmac':
      return [`-H '{SIGNATURE_HEADER}: {SIGNATURE}'`];
    case 'none':
    case 'unknown':
      return [];
  }
}

/** A text as one word of a shell. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
