import { RetryAfterError, TerminalError, type HttpAnswer } from '@millrace/component-sdk';

/** The statuses that `refusalOf` has words for; all others are left to `http`, which retries what may pass. */
export const refusalStatuses = [400, 401, 403, 404, 429] as const;

/** When X does not say when to come back: the length of its windows. */
const usualWindowMs = 15 * 60 * 1000;

/**
 * What it means that X refused a call: whether another attempt can help, and X's own reason. `call` is method and path.
 * Only a rate limit passes by waiting.
 */
export function refusalOf(call: string, answer: HttpAnswer): Error {
  const { status } = answer;
  const reason = reasonOf(answer);
  const detail = { status };
  switch (status) {
    case 429: {
      const { afterMs, limit } = pauseOf(answer);
      const words = `X takes no more calls of ${call} from this account for ${Math.ceil(afterMs / 1000)} s`;
      return new RetryAfterError(afterMs, limit === undefined ? words : `${words} (limit ${limit}): ${reason}`, {
        code: 'rate_limited',
        detail,
      });
    }
    case 401:
      return new TerminalError(`X refused the credential: ${reason}`, { code: 'credential_refused', detail });
    case 403:
      // The answer has no code for it.
      if (/duplicate/i.test(reason)) {
        const words =
          'The account has said this already, and X takes no text twice. If an attempt of this step before got no answer, ' +
          `this is its tweet; else change the text. X says: ${reason}`;
        return new TerminalError(words, { code: 'duplicate_tweet', detail });
      }
      return new TerminalError(`X does not allow ${call}: ${reason}`, { code: 'forbidden', detail });
    case 404:
      return new TerminalError(`X did not find it: ${reason}`, { code: 'not_found', detail });
    default:
      return new TerminalError(`X refused ${call}: ${reason}`, { code: 'peer_refused', detail });
  }
}

/** How long to leave the endpoint alone: as long as X asks, else until the window, or the day, ends that is used up. */
function pauseOf(answer: HttpAnswer): { afterMs: number; limit: string | undefined } {
  // By X's clock, which has whole seconds: so it is rather a moment too long.
  const now = Date.parse(answer.header('date') ?? '') || Date.now();
  const windows = ['x-rate-limit', 'x-app-limit-24hour', 'x-user-limit-24hour']
    .map((name) => ({
      used: answer.header(`${name}-remaining`) === '0',
      resetMs: Number(answer.header(`${name}-reset`) ?? Number.NaN) * 1000,
      limit: answer.header(`${name}-limit`),
    }))
    .filter(({ used, resetMs }) => used && resetMs > 0)
    .toSorted((a, b) => b.resetMs - a.resetMs);
  const [longest] = windows;
  const askedSeconds = Number(answer.header('retry-after') ?? Number.NaN);
  if (!longest && askedSeconds > 0) return { afterMs: askedSeconds * 1000, limit: undefined };
  return { afterMs: longest ? Math.max(1_000, longest.resetMs - now) : usualWindowMs, limit: longest?.limit };
}

/** X's own words. Those in `errors` say more than `detail`, which often only repeats the status. */
export function reasonOf(answer: HttpAnswer): string {
  let body: unknown;
  try {
    body = JSON.parse(answer.text());
  } catch {
    return answer.reason ?? `it gave no reason (${answer.status})`;
  }
  const { errors, detail } = isRecord(body) ? body : {};
  const said = (Array.isArray(errors) ? errors : [])
    .filter(isRecord)
    .map(({ message, detail: words }) => message ?? words)
    .filter((words) => typeof words === 'string' && words !== '');
  const words = said.length > 0 ? said.join('; ') : detail;
  if (typeof words !== 'string' || words === '') return answer.reason ?? `it gave no reason (${answer.status})`;
  return words.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').slice(0, 500);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
