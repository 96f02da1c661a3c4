import { createTrustedAgent, type Dispatcher } from '@millrace/outgoing';
import { z } from 'zod';

/** The client that asks; one with a secret proves itself with it. */
export interface OAuth2Client {
  clientId: string;
  clientSecret?: string | undefined;
}

export interface GrantedTokens {
  accessToken: string;
  /** Where it is left out, the one before stays good. */
  refreshToken: string | undefined;
  expiresAt: string | undefined;
}

export type TokenAnswer =
  | { outcome: 'granted'; tokens: GrantedTokens }
  /** It says no, in its own words: asking the same again is in vain. */
  | { outcome: 'refused'; reason: string }
  | { outcome: 'unavailable'; reason: string };

/** Asks a token endpoint. Never rejects. */
export type AskTokenEndpoint = (
  tokenUrl: string,
  client: OAuth2Client,
  form: Readonly<Record<string, string>>,
) => Promise<TokenAnswer>;

const answerWithinMs = 10_000;
const maxAnswerBytes = 256 * 1024;

const grantSchema = z.object({
  access_token: z.string().min(1).max(8_192),
  refresh_token: z.string().min(1).max(8_192).nullish(),
  expires_in: z.coerce.number().positive().max(1e9).nullish(),
});
const refusalSchema = z.object({ error: z.string(), error_description: z.string().nullish() });

/**
 * Asks for tokens by RFC 6749 §4.1.3 and §6, without following redirects, for at most 10 s. Their address comes from the
 * component, which the operator runs. No secret is in what it resolves with but the tokens themselves.
 */
export function createTokenEndpoint(): { ask: AskTokenEndpoint; close(): Promise<void> } {
  const agent = createTrustedAgent();
  return {
    ask: (tokenUrl, client, form) => askForTokens(agent, tokenUrl, { client, form }),
    close: () => agent.close(),
  };
}

async function askForTokens(
  agent: Dispatcher,
  tokenUrl: string,
  { client, form }: { client: OAuth2Client; form: Readonly<Record<string, string>> },
): Promise<TokenAnswer> {
  const asked = Date.now();
  const { origin, pathname, search } = new URL(tokenUrl);
  let status: number;
  let body: unknown;
  try {
    const answer = await agent.request({
      origin,
      path: pathname + search,
      method: 'POST',
      signal: AbortSignal.timeout(answerWithinMs),
      headers: {
        accept: 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
        ...(client.clientSecret === undefined ? {} : { authorization: basic(client.clientId, client.clientSecret) }),
      },
      body: new URLSearchParams({
        ...form,
        ...(client.clientSecret === undefined ? { client_id: client.clientId } : {}),
      }).toString(),
    });
    status = answer.statusCode;
    body = await readJson(answer.body);
  } catch {
    return { outcome: 'unavailable', reason: `${origin} did not answer` };
  }
  const granted = grantSchema.safeParse(body);
  if (status === 200 && granted.success) return { outcome: 'granted', tokens: tokensOf(granted.data, asked) };
  const refusal = refusalSchema.safeParse(body).data;
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
    const words = refusal ? (refusal.error_description ?? refusal.error) : `it answered ${status} without a reason`;
    return { outcome: 'refused', reason: plain(words) };
  }
  return { outcome: 'unavailable', reason: `${origin} answered ${status}` };
}

function tokensOf(granted: z.output<typeof grantSchema>, askedAtMs: number): GrantedTokens {
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: seconds } = granted;
  // From the moment of asking: rather too early than too late.
  const expiresAt = seconds == null ? undefined : new Date(askedAtMs + seconds * 1000).toISOString();
  return { accessToken, refreshToken: refreshToken ?? undefined, expiresAt };
}

/** RFC 6749 §2.3.1: both are encoded as in a form before they are joined. */
function basic(clientId: string, clientSecret: string): string {
  const encoded = [clientId, clientSecret].map((part) => encodeURIComponent(part).replaceAll('%20', '+')).join(':');
  return `Basic ${Buffer.from(encoded).toString('base64')}`;
}

async function readJson(answer: AsyncIterable<Uint8Array>): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer) {
    bytes += chunk.length;
    if (bytes > maxAnswerBytes) throw new Error('the answer is too large');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

function plain(words: string): string {
  return words
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, 300);
}
