import type { Flow, ListedSample, RunStatus } from '../../api/schema.generated.js';
import { runsPath } from '../runs/run-filter.js';

/** What is looked at to tell how far someone has come. */
export interface TutorialState {
  /** The flow that is built in the tutorial; undefined before there is one. */
  flow: Flow | undefined;
  samples: readonly Pick<ListedSample, 'stepId'>[];
  /** Statuses of the flow's latest runs. */
  runs: readonly RunStatus[];
  /** Whether a call of the webhook was refused because it did not authenticate. */
  refused: boolean;
}

export interface TutorialStep {
  id: string;
  title: string;
  done: boolean;
  /** Where it is done. */
  to: string;
  /** The text of the link there. */
  link: string;
}

/** The example of the whole tutorial. */
export const exampleBody = { petname: 'Gromit', petstatus: 'Sold' };
const wantedRuns = 3;

/** The steps of the tutorial with those that are done, in order. Each is judged by itself: one may go back and change things. */
export function tutorialSteps({ flow, samples, runs, refused }: TutorialState): TutorialStep[] {
  const [trigger, action] = flow?.draft.steps ?? [];
  const designer = flow ? `/flows/${flow.id}` : '/flows';
  const ofStep = (stepId: string | undefined): string =>
    flow && stepId !== undefined ? `${designer}?step=${encodeURIComponent(stepId)}` : designer;
  const sampled = (stepId: string | undefined): boolean => samples.some((sample) => sample.stepId === stepId);
  const mapping = (action?.mapping ?? {}) as Record<string, unknown>;
  const succeeded = runs.filter((status) => status === 'succeeded').length;
  const step = (id: string, title: string, place: { done: boolean; to: string; link: string }): TutorialStep => ({
    id,
    title,
    ...place,
  });
  return [
    step('flow', 'Add a flow', { done: flow !== undefined, to: '/flows', link: 'To the flows' }),
    step('webhook', 'Choose Webhook as the trigger', {
      done: trigger?.component === 'webhook' && Boolean(trigger.credentialId),
      to: ofStep(trigger?.id),
      link: 'To the first step',
    }),
    step('sample', 'Give the webhook a sample', {
      done: trigger !== undefined && sampled(trigger.id),
      to: ofStep(trigger?.id),
      link: 'To the first step',
    }),
    step('petstore', 'Choose Petstore API as the second step', {
      done: action?.component === 'petstore' && Boolean(action.credentialId),
      to: ofStep(action?.id),
      link: 'To the second step',
    }),
    step('mapping', 'Map the values', {
      done: Boolean(mapping['name']) && Boolean(mapping['status']),
      to: ofStep(action?.id),
      link: 'To the second step',
    }),
    step('retrieve', 'Retrieve a sample of the Petstore', {
      done: action !== undefined && sampled(action.id),
      to: ofStep(action?.id),
      link: 'To the second step',
    }),
    step('publish', 'Publish the draft', {
      done: flow !== undefined && flow.publishedVersion !== null,
      to: designer,
      link: 'To the flow',
    }),
    step('start', 'Start the flow', { done: flow?.status === 'running', to: designer, link: 'To the flow' }),
    step('requests', `Send ${wantedRuns} requests`, {
      done: succeeded >= wantedRuns,
      to: flow ? runsPath({ flowId: flow.id }) : '/runs',
      link: 'To the runs',
    }),
    step('secure', 'Let only those in who sign in', {
      done: refused && succeeded > wantedRuns,
      to: ofStep(trigger?.id),
      link: 'To the first step',
    }),
  ];
}

/** The flow that someone works on who began at a time: the latest made since then, else none. */
export function tutorialFlow(flows: readonly Flow[], beganAt: number): Flow | undefined {
  return flows
    .filter(({ createdAt }) => Date.parse(createdAt) >= beganAt)
    .toSorted((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt))[0];
}
