import { setTimeout } from 'node:timers/promises';
import { hookSecrets, type HookFlowSet } from './flows.js';
import { canary, type Expected, type MalformedRequest } from './request.js';
import { send, type Answer } from './send.js';

const secrets = [canary, hookSecrets.password, hookSecrets.hmac];
const internals = /\bat .*:\d+:\d+|node_modules|\/dist\/|\/src\/|Error:|ECONN|HPE_/;

interface JudgeOptions {
  port: number;
  flows: HookFlowSet;
  timeoutMs: number;
}

/** Sends a request and says what is wrong with its answer; nothing when all is as it must be. */
export async function judge(request: MalformedRequest, options: JudgeOptions): Promise<string[]> {
  const { method, expected } = request;
  try {
    const answer = await sendWhenThereIsRoom(request, options);
    const faults = [...faultsOf(answer, expected), ...(method === 'HEAD' ? [] : faultsOfBody(answer, expected))];
    return faults.length === 0 ? [] : [...faults, `${answer.status} ${answer.body.slice(0, 300)}`];
  } catch (error) {
    return [(error as Error).message];
  }
}

/**
 * Sixteen large bodies at a time may be more than their workspace may hold. Whoever is told so comes again when told to.
 */
async function sendWhenThereIsRoom(
  { wire, afterwards = 'waits', method, expected }: MalformedRequest,
  { port, flows, timeoutMs }: JudgeOptions,
): Promise<Answer> {
  const lingerMs = expected.hangsUp ? 5_000 : 0;
  const until = performance.now() + timeoutMs;
  for (;;) {
    const answer = await send(wire(flows), { port, timeoutMs, afterwards, method, lingerMs });
    const retryAfterSeconds = Number(answer.headers['retry-after']);
    const mayComeAgain = answer.status === 429 && retryAfterSeconds > 0 && ![expected.status].flat().includes(429);
    if (!mayComeAgain || performance.now() > until) return answer;
    await setTimeout(retryAfterSeconds * 1000);
  }
}

function faultsOf({ status, headers, hungUp, surplus }: Answer, expected: Expected): string[] {
  const faults: string[] = [];
  const statuses = [expected.status].flat();
  if (!statuses.includes(status)) faults.push(`the status is ${status}, not ${statuses.join(' or ')}`);
  if (!/^[0-9a-f]{32}$/.test(headers['x-millrace-request-id'] ?? '')) faults.push('no x-millrace-request-id');
  for (const [name, pattern] of Object.entries(expected.headers ?? {})) {
    if (!pattern.test(headers[name] ?? '')) faults.push(`${name} is ${headers[name]}, not like ${String(pattern)}`);
  }
  if (expected.hangsUp && !hungUp) faults.push('the connection stays open');
  if (surplus !== '') faults.push(`there is more after the answer: ${JSON.stringify(surplus.slice(0, 100))}`);
  for (const secret of secrets) {
    if (JSON.stringify(headers).includes(secret)) faults.push('a header repeats a secret');
  }
  return faults;
}

function faultsOfBody({ headers, body }: Answer, expected: Expected): string[] {
  const faults: string[] = [];
  if (secrets.some((secret) => body.includes(secret))) faults.push('the body repeats a secret');
  if (internals.test(body)) faults.push('the body tells of internals');
  if (!/^application\/(?:[a-z.]+\+)?json/.test(headers['content-type'] ?? ''))
    faults.push('the body does not say it is JSON');
  let answer: Record<string, unknown>;
  try {
    answer = JSON.parse(body) as Record<string, unknown>;
  } catch {
    return [...faults, 'the body is not JSON'];
  }
  const { code, message, requestId } = answer;
  if (typeof code !== 'string' || code === '') faults.push('no code');
  if (typeof message !== 'string' || message === '') faults.push('no message');
  if (requestId !== headers['x-millrace-request-id'])
    faults.push('the request id of the body is not that of the header');
  for (const field of ['code', 'line', 'column'] as const) {
    const wanted = expected[field];
    if (wanted !== undefined && answer[field] !== wanted)
      faults.push(`${field} is ${String(answer[field])}, not ${wanted}`);
  }
  if (expected.says && !expected.says.test(String(message)))
    faults.push(`the message is not like ${String(expected.says)}`);
  return faults;
}

/** What is wrong with the answers to requests, by their names. */
export async function judgeAll(
  requests: readonly MalformedRequest[],
  options: JudgeOptions & { atATime: number },
): Promise<Record<string, string[]>> {
  const faulty: Record<string, string[]> = {};
  const waiting = [...requests];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const faults = await judge(next, options);
      if (faults.length > 0) faulty[next.name] = faults;
    }
  };
  await Promise.all(Array.from({ length: options.atATime }, work));
  return faulty;
}
