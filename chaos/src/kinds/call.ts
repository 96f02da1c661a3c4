import type { Verdict } from './kind.js';

/** How long a client waits before it takes the call for lost. */
const patienceMs = 6_000;

/** Posts JSON as request `number`; its number is in the query, where every kind has it. */
export function postJson(url: string, number: number, body: object, headers: Record<string, string> = {}) {
  const text = JSON.stringify(body);
  return post(url, number, { body: text, headers: { 'content-type': 'application/json', ...headers } });
}

export function post(
  url: string,
  number: number,
  { patience = patienceMs, ...init }: RequestInit & { patience?: number },
): Promise<Response> {
  const signal = AbortSignal.timeout(patience);
  return fetch(`${url}?number=${number}`, { method: 'POST', ...init, signal });
}

/** The verdict on a plain answer: see `FlowUnderTest.read`. */
export async function readPlainAnswer(answer: Response): Promise<Verdict> {
  const text = await answer.text();
  if (answer.ok) {
    const { requestId } = JSON.parse(text) as { requestId?: unknown };
    if (typeof requestId === 'string') return { outcome: 'accepted', requestId };
    return { outcome: 'wrong', what: `was answered ${answer.status} without a request id` };
  }
  const mayComeAgain = answer.status >= 500 || answer.status === 408 || answer.status === 429;
  if (mayComeAgain) return { outcome: 'refused', status: answer.status };
  return { outcome: 'wrong', what: `was answered ${answer.status}: ${text.slice(0, 200)}` };
}
