import { emptyDraft, type FlowDraft } from '@millrace/flow-model';
import { describe, expect, it } from 'vitest';
import { draftChanges, joinChanges } from './save-draft.js';

const draftOf = (count: number, config: object = {}): FlowDraft => ({
  steps: Array.from({ length: count }, (_, i) => ({
    id: `step_${i + 1}`,
    component: 'petstore',
    operation: 'createPet',
    config: config as Record<string, string>,
  })),
  edges: [],
});

describe('what the audit says of a draft', () => {
  it('names places by the ids of steps, and no value of a configuration', () => {
    const changes = draftChanges(draftOf(2, { token: 'old secret' }), draftOf(1, { token: 'new secret' }));
    expect(changes).toEqual([
      { field: '/steps/step_1/config/token' },
      { field: '/steps/step_2', before: 'petstore.createPet' },
    ]);
  });

  it('says of a new step what it does, or that nothing is chosen yet', () => {
    const begun = { steps: [{ id: 'step_1' }, { id: 'step_2', component: 'petstore' }], edges: [] };
    expect(draftChanges(emptyDraft, begun)).toEqual([
      { field: '/steps/step_1', after: 'nothing chosen' },
      { field: '/steps/step_2', after: 'petstore' },
    ]);
  });

  it('is bounded', () => {
    expect(draftChanges(emptyDraft, draftOf(500))).toHaveLength(100);
  });

  it('joins several saves to what they have changed together', () => {
    const first = [{ field: 'draftRevision', before: 1, after: 2 }, { field: '/steps/step_1' }];
    const second = [
      { field: 'draftRevision', before: 2, after: 3 },
      { field: '/steps/step_2', after: 'core.filter' },
    ];
    expect(joinChanges(first, second)).toEqual([
      { field: 'draftRevision', before: 1, after: 3 },
      { field: '/steps/step_1' },
      { field: '/steps/step_2', after: 'core.filter' },
    ]);
  });
});
