import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiProblem } from './api-problem.js';
import { endSession } from './session.js';

const maxRetries = 3;
const longestPauseMs = 8_000;

/** Reads are tried again when the control plane is away, with longer and longer pauses; nothing that changes something is. */
function shouldRetry(failures: number, error: unknown): boolean {
  return failures < maxRetries && error instanceof ApiProblem && error.passes;
}

/** The pause before the next try: what the control plane asks for, else 0.5 s, 1 s, 2 s … */
function retryPauseMs(failures: number, error: unknown): number {
  const asked = error instanceof ApiProblem ? error.retryAfterSeconds : undefined;
  return Math.min(asked === undefined ? 500 * 2 ** failures : asked * 1_000, longestPauseMs);
}

/** The cache of everything that the console knows of the control plane. A 401 from any call ends the session in it. */
export function createQueryClient(): QueryClient {
  const onError = (error: unknown): void => {
    if (error instanceof ApiProblem && error.status === 401 && error.code !== 'wrong_sign_in') {
      endSession(client);
    }
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: { retry: shouldRetry, retryDelay: retryPauseMs, staleTime: 2_000, networkMode: 'always' },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
  return client;
}
