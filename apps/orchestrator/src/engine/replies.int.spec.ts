import { randomUUID } from 'node:crypto';
import { newId, replyQueue, type HookRequest, type Json, type RunId, type StepMessage } from '@millrace/contracts';
import type { FlowDraft } from '@millrace/flow-model';
import { readStepRuns } from '@millrace/persistence';
import { seedFlow, type SeededFlow } from '@millrace/testing';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { delivery, failed, resultOf, succeeded, triggerOf, useEngine } from './engine.fixture.js';
import { rebuildDispatch } from './rebuild.js';
import { handleResults } from './results.js';
import { handleTriggers } from './triggers.js';

const engine = useEngine();
const replyTo = replyQueue(randomUUID());
const waits: Partial<HookRequest> = { replyTo };
const answer = { status: 201, headers: { 'content-type': 'text/plain' }, body: 'hello' };

// step_1 ─ step_2 (work) ─ step_3 (reply)
//        └ step_4 (work)
const work = { component: 'echo', operation: 'echo' };
const reply = { component: 'webhook', operation: 'reply' };
const replying: FlowDraft = {
  steps: [
    { id: 'step_1', component: 'webhook', operation: 'receive' },
    { id: 'step_2', ...work },
    { id: 'step_3', ...reply },
    { id: 'step_4', ...work },
  ],
  edges: [
    { from: 'step_1', to: 'step_2' },
    { from: 'step_2', to: 'step_3' },
    { from: 'step_1', to: 'step_4' },
  ],
};
const silent: FlowDraft = { steps: replying.steps.slice(0, 2), edges: replying.edges.slice(0, 1) };

let flow: SeededFlow;
let silentFlow: SeededFlow;
beforeAll(async () => {
  flow = await seedFlow(engine.database, replying);
  silentFlow = await seedFlow(engine.database, silent);
});

let runId: RunId;
beforeEach(() => {
  runId = newId<RunId>();
});

const replied = () => ({ kind: 'reply', runId, ...answer, bodyEncoding: 'utf8' });
const ended = (status: string) => ({ kind: 'ended', runId, status });
const settle = (step: StepMessage, output: Json) => handleResults(engine.deps, [resultOf(step, succeeded(output))]);

/** Begins the run and settles its trigger step; gives the messages of the steps that follow, by id. */
async function open(of: SeededFlow, request = waits): Promise<Record<string, StepMessage>> {
  await settle(await engine.begin(of, runId, request), {});
  return Object.fromEntries(engine.sentSteps().map((step) => [step.stepId, step]));
}

async function openReply(): Promise<Record<string, StepMessage>> {
  const steps = await open(flow);
  await settle(steps['step_2']!, {});
  return { ...steps, step_3: engine.sentSteps().at(-1)! };
}

describe('who waits', () => {
  it.each([
    ['a queue of the engine', 'triggers'],
    ['a queue of another name', 'replies.a'],
    ['more than a name', `replies.${randomUUID()}.dead`],
  ])('is not looked for in %s, whatever a component says', async (_what, queue) => {
    const { step_3 } = await openReply();
    const before = engine.sent.length;
    await settle({ ...step_3!, carry: { ...step_3!.carry, replyTo: queue } }, answer);
    expect(engine.sent).toHaveLength(before);
  });

  it('gets the reply once its step is settled, and hears nothing of the end', async () => {
    const { step_3, step_4 } = await openReply();
    expect(engine.sentReplies()).toEqual([]);
    await settle(step_3!, answer);
    expect(engine.sentReplies()).toEqual([replied()]);
    expect(engine.sent.at(-1)?.routingKey).toBe(replyTo);
    await settle(step_4!, {});
    expect(await engine.runStatus(runId)).toBe('succeeded');
    expect(engine.sentReplies()).toEqual([replied()]);
  });

  it('gets the reply when the step is the last, too, and when both come in one batch', async () => {
    const { step_3, step_4 } = await openReply();
    await handleResults(engine.deps, [resultOf(step_4!, succeeded({})), resultOf(step_3!, succeeded(answer))]);
    expect(await engine.runStatus(runId)).toBe('succeeded');
    expect(engine.sentReplies()).toEqual([replied()]);
  });

  it('gets it again when the result is delivered again, as the run log shows it', async () => {
    const { step_3 } = await openReply();
    engine.killedBeforePublish = true;
    await settle(step_3!, answer);
    engine.killedBeforePublish = false;
    expect(engine.sentReplies()).toEqual([]);
    await settle(step_3!, { ...answer, body: 'other' });
    expect(engine.sentReplies()).toEqual([replied()]);
  });

  it('hears that the run failed before a reply, at once and again on redelivery', async () => {
    const { step_2, step_4 } = await open(flow);
    await settle(step_4!, {});
    const result = resultOf(step_2!, failed);
    await handleResults(engine.deps, [result]);
    expect(engine.sentReplies()).toEqual([ended('failed')]);
    await handleResults(engine.deps, [result]);
    expect(engine.sentReplies()).toEqual([ended('failed'), ended('failed')]);
  });

  it('hears that the run ended when its last step could not even be sent', async () => {
    // Too large for a message, so the reply step fails without its component.
    const steps = replying.steps.map((step) => (step.id === 'step_3' ? { ...step, mapping: '$' } : step));
    const { step_2, step_4 } = await open(await seedFlow(engine.database, { ...replying, steps }));
    await settle(step_4!, {});
    await settle(step_2!, 'x'.repeat(15 * 1024 * 1024));
    await handleResults(engine.deps, [delivery({ body: engine.sent.at(-1)!.body })]);
    expect(engine.sentReplies()).toEqual([ended('failed')]);
  });

  it('hears that the run ended though no step of the flow replies', async () => {
    const { step_2 } = await open(silentFlow);
    await settle(step_2!, {});
    expect(engine.sentReplies()).toEqual([ended('succeeded')]);
  });

  it('hears nothing while a step is open, however often a result is delivered', async () => {
    const { step_2 } = await open(flow);
    await settle(step_2!, {});
    await settle(step_2!, {});
    expect(engine.sentReplies()).toEqual([]);
  });

  it('gets no reply of an output that is none', async () => {
    const { step_3, step_4 } = await openReply();
    await settle(step_4!, {});
    await settle(step_3!, { status: '200' });
    expect(engine.sentReplies()).toEqual([]);
  });

  it('is not forgotten by a step that is dispatched again from its row', async () => {
    const { step_2, step_3 } = await openReply();
    const plan = (await engine.deps.plans.find(flow.versionId))!;
    for (const { stepId, path } of [step_2!, step_3!]) {
      const [row] = await readStepRuns(engine.database, [{ runId, stepId, path }]);
      const dispatch = await rebuildDispatch(engine.deps, plan, plan.step(stepId)!, row!);
      expect(dispatch?.carry).toEqual({ steps: {}, replyTo });
    }
    engine.sent.length = 0;
    await handleTriggers(engine.deps, [triggerOf(flow, newId<RunId>(), { request: waits })]);
    expect(engine.sentSteps()[0]).toMatchObject({ carry: { replyTo } });
    expect(JSON.stringify(engine.sentSteps()[0]?.input)).not.toContain(replyTo);
  });
});

describe('a run for which nobody waits', () => {
  it('sends no answer and asks for no end', async () => {
    const { step_2, step_4 } = await open(flow, {});
    await settle(step_4!, {});
    await settle(step_2!, {});
    const step = engine.sentSteps().at(-1)!;
    await settle(step, answer);
    await settle(step, answer);
    expect(await engine.runStatus(runId)).toBe('succeeded');
    expect(engine.sentReplies()).toEqual([]);
    expect(step.carry).toEqual({ steps: {} });
  });
});

describe('an instance that is gone', () => {
  it('holds nothing up', async () => {
    const { step_3, step_4 } = await openReply();
    expect(await engine.deps.broker.messageCount(replyTo)).toBeUndefined();
    expect(await settle(step_3!, answer)).toEqual([{ outcome: 'done' }]);
    expect(await settle(step_4!, {})).toEqual([{ outcome: 'done' }]);
  });
});
