import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { keys } from './keys.js';
import { createRefresher, type Refresher } from './refresher.js';

const gatherMs = 500;
let client: QueryClient;
let refresher: Refresher;

beforeEach(() => {
  vi.useFakeTimers();
  client = new QueryClient({
    defaultOptions: { queries: { retry: false, staleTime: Infinity, networkMode: 'always' } },
  });
  refresher = createRefresher(client, gatherMs);
});
afterEach(() => {
  refresher.close();
  client.clear();
  vi.useRealTimers();
});

/** A query that is shown and takes its time; tells how often it was asked, answered and cut off. */
function shown(queryKey: readonly unknown[], takesMs: number) {
  const seen = { asked: 0, answered: 0, cutOff: 0 };
  const observer = new QueryObserver(client, {
    queryKey,
    queryFn: ({ signal }) => {
      seen.asked += 1;
      signal.addEventListener('abort', () => (seen.cutOff += 1));
      return new Promise((resolve) => {
        setTimeout(() => {
          seen.answered += 1;
          resolve(seen.answered);
        }, takesMs);
      });
    },
  });
  observer.subscribe(() => undefined);
  return seen;
}

it('asks once for all changes of a while, and only for what they are about', async () => {
  const runs = shown([keys.runs, 'list'], 10);
  const users = shown([keys.users, 'list'], 10);
  await vi.advanceTimersByTimeAsync(20);
  for (let change = 0; change < 5; change += 1) refresher.note([keys.runs]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(runs).toEqual({ asked: 2, answered: 2, cutOff: 0 });
  expect(users.asked).toBe(1);
});

it('lets a slow answer come in while changes go on, and asks once more after it', async () => {
  const slow = shown([keys.runs, 'dashboard'], 1_700);
  const fast = shown([keys.runs, 'list'], 10);
  for (let passedMs = 0; passedMs < 6_000; passedMs += 250) {
    refresher.note([keys.runs]);
    await vi.advanceTimersByTimeAsync(250);
  }
  expect(slow.cutOff).toBe(0);
  expect(slow.answered).toBeGreaterThanOrEqual(2);
  expect(fast.answered).toBeGreaterThanOrEqual(10);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(slow.answered).toBe(slow.asked);
});

it('asks again for what changed while the answer was on its way', async () => {
  const query = shown([keys.runs, 'list'], 1_000);
  await vi.advanceTimersByTimeAsync(100);
  refresher.note([keys.runs]);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(query).toEqual({ asked: 2, answered: 2, cutOff: 0 });
});

it('does nothing more once it is closed', async () => {
  const query = shown([keys.runs, 'list'], 10);
  await vi.advanceTimersByTimeAsync(20);
  refresher.note([keys.runs]);
  refresher.close();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(query.asked).toBe(1);
});
