import { millisOf, newId, parseId, type RunId } from '@millrace/contracts';
import { expect, it } from 'vitest';
import { replayIdOf } from './replay-id.js';

it('the id of a replay is a UUIDv7 of the time of its job, the same for the same run and another one for every other', () => {
  const [job, other] = [newId<string>(), newId<string>()];
  const runs = Array.from({ length: 1_000 }, () => newId<RunId>());
  const ids = runs.map((runId) => replayIdOf(job, runId));
  expect(runs.map((runId) => replayIdOf(job, runId))).toEqual(ids);
  expect(new Set([...ids, ...runs.map((runId) => replayIdOf(other, runId))]).size).toBe(2_000);
  for (const id of ids) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(parseId(id)).toBe(id);
    expect(millisOf(id)).toBe(millisOf(job));
  }
});
