import { expect, it } from 'vitest';
import type { Flow } from '../../api/schema.generated.js';
import { tutorialFlow, tutorialSteps, type TutorialState } from './tutorial-steps.js';

const nothing: TutorialState = { flow: undefined, samples: [], runs: [], refused: false };
const flow = (fields: object = {}): Flow =>
  ({
    id: 'f1',
    status: 'draft',
    publishedVersion: null,
    createdAt: '2026-03-01T00:00:00Z',
    draft: { steps: [] },
    ...fields,
  }) as never;
const done = (state: TutorialState): string[] =>
  tutorialSteps(state)
    .filter((step) => step.done)
    .map(({ id }) => id);

const steps = [
  { id: 'step_1', component: 'webhook', operation: 'receive', credentialId: 'c1' },
  {
    id: 'step_2',
    component: 'petstore',
    operation: 'createPet',
    credentialId: 'c2',
    mapping: { name: 'petname', status: 'petstatus' },
  },
];

it('begins with nothing done, and leads to the flows', () => {
  expect(done(nothing)).toEqual([]);
  expect(new Set(tutorialSteps(nothing).map(({ to }) => to))).toEqual(new Set(['/flows', '/runs']));
});

it('counts what the flow really has', () => {
  expect(done({ ...nothing, flow: flow() })).toEqual(['flow']);
  const [webhook, petstore] = steps;
  expect(done({ ...nothing, flow: flow({ draft: { steps: [webhook] } }), samples: [{ stepId: 'step_1' }] })).toEqual([
    'flow',
    'webhook',
    'sample',
  ]);
  const unmapped = { ...petstore, mapping: { name: 'petname' } };
  expect(done({ ...nothing, flow: flow({ draft: { steps: [webhook, unmapped] } }) })).toEqual([
    'flow',
    'webhook',
    'petstore',
  ]);
});

it('is complete after three runs, a refused call and one more run', () => {
  const running = flow({ status: 'running', publishedVersion: 1, draft: { steps } });
  const samples = steps.map(({ id }) => ({ stepId: id }));
  const runs = ['succeeded', 'failed', 'succeeded', 'succeeded'] as const;
  expect(done({ flow: running, samples, runs, refused: true })).not.toContain('secure');
  const all = done({ flow: running, samples, runs: [...runs, 'succeeded'], refused: true });
  expect(all).toEqual(tutorialSteps(nothing).map(({ id }) => id));
});

it('leads to the step in the designer', () => {
  const places = tutorialSteps({ ...nothing, flow: flow({ draft: { steps } }) });
  expect(places.find(({ id }) => id === 'mapping')?.to).toBe('/flows/f1?step=step_2');
  expect(places.find(({ id }) => id === 'requests')?.to).toBe('/runs?flow=f1');
});

it('takes the latest flow that was made since the beginning', () => {
  const flows = [
    flow({ id: 'old' }),
    flow({ id: 'a', createdAt: '2026-03-03T00:00:00Z' }),
    flow({ id: 'b', createdAt: '2026-03-02T00:00:00Z' }),
  ];
  expect(tutorialFlow(flows, Date.parse('2026-03-02T00:00:00Z'))?.id).toBe('a');
  expect(tutorialFlow(flows, Date.parse('2026-03-04T00:00:00Z'))).toBeUndefined();
});
