import { newId } from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import { createChangeBatch, maxKeys } from './change-batch.js';

describe('changes that wait to be told', () => {
  const [flowId, runId] = [newId<string>(), newId<string>()];

  it('name what changed when it is one, however often', () => {
    const batch = createChangeBatch();
    expect(batch.isEmpty).toBe(true);
    for (let n = 0; n < 3; n += 1) batch.add({ type: 'run', flowId, runId });
    batch.add({ type: 'sample', flowId, id: 'step_1' });
    expect(batch.isEmpty).toBe(false);
    expect(batch.take()).toEqual([
      { type: 'run', flowId, runId },
      { type: 'sample', flowId, id: 'step_1' },
    ]);
    expect(batch.take()).toEqual([]);
  });

  it('are counted when they are several of a kind and flow', () => {
    const batch = createChangeBatch();
    const other = newId<string>();
    for (let n = 0; n < 5; n += 1) batch.add({ type: 'run', flowId, runId: newId() });
    batch.add({ type: 'run', flowId: other, runId });
    expect(batch.take()).toEqual([
      { type: 'run', flowId, count: 5 },
      { type: 'run', flowId: other, runId },
    ]);
  });

  it('of very many flows are told as those of the workspace', () => {
    const batch = createChangeBatch();
    for (let n = 0; n < maxKeys + 50; n += 1) batch.add({ type: 'run', flowId: newId(), runId: newId() });
    const taken = batch.take();
    expect(taken).toHaveLength(maxKeys + 1);
    expect(taken.at(-1)).toEqual({ type: 'run', count: 50 });
  });
});
