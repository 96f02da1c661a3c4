import { newId, type ComponentDescriptor, type OperationDescriptor } from '@millrace/contracts';
import { describe, expect, it } from 'vitest';
import {
  compilePlan,
  hasPollingTrigger,
  validateDraft,
  withSchedule,
  type Catalogue,
  type FlowDraft,
  type ScheduleSettings,
} from './index.js';

const open = { type: 'object', additionalProperties: true };
const operation = (name: string, about: Partial<OperationDescriptor>): OperationDescriptor => ({
  name,
  title: name,
  description: '',
  kind: 'trigger',
  idempotency: 'natural',
  config: open,
  input: open,
  output: {},
  retrievesSample: false,
  ...about,
});
const pets: ComponentDescriptor = {
  name: 'pets',
  title: 'Pets',
  description: '',
  version: '1.0.0',
  credentials: null,
  operations: [
    operation('poll', { triggerType: 'polling' }),
    operation('receive', { triggerType: 'webhook' }),
    operation('create', { kind: 'action' }),
  ],
};
const catalogue: Catalogue = {
  component: (name) => (name === 'pets' ? pets : undefined),
  credentialComponent: () => undefined,
};

function draft(trigger: string, schedule?: ScheduleSettings, second?: ScheduleSettings): FlowDraft {
  return {
    steps: [
      { id: 'step_1', component: 'pets', operation: trigger, ...(schedule && { schedule }) },
      { id: 'step_2', component: 'pets', operation: 'create', ...(second && { schedule: second }) },
    ],
    edges: [{ from: 'step_1', to: 'step_2' }],
  };
}

const problemsOf = (flow: FlowDraft): [string, string][] =>
  validateDraft(flow, catalogue).map(({ pointer, code }) => [pointer, code]);

describe('a draft with a polling trigger', () => {
  it('has no problem with a schedule, nor without one', () => {
    expect(problemsOf(draft('poll'))).toEqual([]);
    expect(problemsOf(draft('poll', { cron: '0 9 * * *', timeZone: 'Europe/Berlin' }))).toEqual([]);
    expect(problemsOf(draft('poll', { everySeconds: 5 }))).toEqual([]);
  });

  it('is told what is wrong with its schedule, by pointer', () => {
    expect(problemsOf(draft('poll', {}))).toEqual([['/steps/0/schedule', 'invalid_schedule']]);
    expect(problemsOf(draft('poll', { everySeconds: 1 }))).toEqual([
      ['/steps/0/schedule/everySeconds', 'invalid_schedule'],
    ]);
    expect(problemsOf(draft('poll', { cron: 'x', timeZone: 'x' }))).toEqual([
      ['/steps/0/schedule/timeZone', 'unknown_time_zone'],
      ['/steps/0/schedule/cron', 'invalid_schedule'],
    ]);
  });

  it('is published with the usual schedule when it has none', () => {
    expect(withSchedule(draft('poll'), catalogue)).toEqual(draft('poll', { everySeconds: 60 }));
    const own = draft('poll', { everySeconds: 5 });
    expect(withSchedule(own, catalogue)).toBe(own);
    expect(hasPollingTrigger(own, catalogue)).toBe(true);
  });
});

describe('a step that is no polling trigger', () => {
  it('has no schedule', () => {
    expect(problemsOf(draft('receive', { everySeconds: 60 }))).toEqual([['/steps/0/schedule', 'unexpected_schedule']]);
    expect(problemsOf(draft('poll', undefined, { everySeconds: 60 }))).toEqual([
      ['/steps/1/schedule', 'unexpected_schedule'],
    ]);
    const webhook = draft('receive');
    expect(withSchedule(webhook, catalogue)).toBe(webhook);
    expect(hasPollingTrigger(webhook, catalogue)).toBe(false);
    expect(hasPollingTrigger({ steps: [], edges: [] }, catalogue)).toBe(false);
  });
});

describe('the plan of a version', () => {
  const ids = { workspaceId: newId(), flowId: newId(), versionId: newId() } as never;

  it('has the schedule of its trigger', () => {
    expect(compilePlan(ids, draft('poll', { everySeconds: 30 })).schedule).toEqual({
      kind: 'interval',
      everySeconds: 30,
    });
    expect(compilePlan(ids, draft('receive')).schedule).toBeUndefined();
  });
});
