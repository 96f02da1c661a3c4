import autocannon from 'autocannon';
import type { Sign } from '../sides/side.js';
import { requestBody } from './pet.js';

export interface FullLoad {
  readonly url: string;
  /** Requests go to these flows in turns instead of the one that the URL names. */
  readonly flowIds?: readonly string[] | undefined;
  readonly phase: number;
  /** Requests in all; each connection sends its next one when the last is answered. */
  readonly amount: number;
  readonly connections: number;
  /** Signs each request; what that takes is the load generator's. */
  readonly sign?: Sign | undefined;
}

export interface LoadResult {
  /** From the first request until the last answer. */
  readonly seconds: number;
  readonly answersMs: number[];
}

const timeoutSeconds = 30;
const sampleMs = 50;
const headers = { 'content-type': 'application/json' };

/** Sends a fixed number of requests as fast as they are answered. @throws Error unless each is answered 2xx. */
export async function fullLoad({ url, flowIds, phase, amount, connections, sign }: FullLoad): Promise<LoadResult> {
  const answersMs: number[] = [];
  const faults = new Map<string, number>();
  const fault = (what: string): void => void faults.set(what, (faults.get(what) ?? 0) + 1);
  let sequence = 0;
  let lastAnswerAt = 0;
  const startedAt = performance.now();
  await new Promise<void>((resolve, reject) => {
    const load = autocannon(
      {
        url,
        connections,
        amount,
        timeout: timeoutSeconds,
        // Only how soon it notices the end; times are taken from the answers themselves.
        sampleInt: sampleMs,
        requests: [
          {
            method: 'POST',
            headers,
            setupRequest: (request) => {
              const path = flowIds && `/hook/${flowIds[sequence % flowIds.length]}`;
              const body = requestBody(phase, sequence++);
              return {
                ...request,
                ...(path && { path }),
                headers: sign ? { ...headers, ...sign(body) } : headers,
                body,
              };
            },
          },
        ],
      },
      (error: Error | null) => (error ? reject(error) : resolve()),
    );
    load.on('response', (_client, status, _bytes, ms) => {
      lastAnswerAt = performance.now();
      if (status >= 200 && status < 300) answersMs.push(ms);
      else fault(`status ${status}`);
    });
    load.on('reqError', (error) => fault((error as Error).message));
  });
  if (faults.size > 0 || answersMs.length !== amount) {
    const kinds = [...faults].map(([what, count]) => `${count} × ${what}`).join(', ');
    throw new Error(`${answersMs.length} of ${amount} requests to ${url} were accepted: ${kinds}`);
  }
  return { seconds: (lastAnswerAt - startedAt) / 1000, answersMs };
}
