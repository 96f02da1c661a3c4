import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@millrace/testing';
import { expect } from 'vitest';
import type { Run } from '../support/tutorial.js';
import { makeAbandoned } from './hurry.js';
import type { Accepted } from './requests.js';
import type { Scenario } from './scenario.js';
import { callsOfWaiting, type World } from './world.js';

const pauseMs = 50;
const waitsWithinMs = 20_000;

/** One run that comes to its step that waits, and calls of its resume URL until it is over for them, or `over`. */
const called: Pick<Scenario, 'provoke' | 'after'> = {
  async provoke(world, accepted, over) {
    expect(await accepted.send(world.flows.waiting.webhookUrl, {})).toBe(true);
    await eventually(async () => expect((await runOf(world, accepted)).status).toBe('waiting'), {
      timeoutMs: waitsWithinMs,
    }).catch((error: unknown) => {
      // It may be killed before the step waits.
      if (!over.aborted) throw error;
    });
    await callUntil(over, world, accepted);
  },
  // Whatever was cut: the step takes so many calls and no more, and each sets off what follows once.
  async after(world, accepted) {
    await makeAbandoned(world);
    const over = new AbortController();
    const calling = callUntil(over.signal, world, accepted);
    await eventually(async () => expect((await runOf(world, accepted)).status).toBe('succeeded'), {
      timeoutMs: waitsWithinMs,
    }).finally(() => over.abort());
    await calling;
    const { steps } = await runOf(world, accepted);
    const paths = steps.filter(({ stepId }) => stepId === 'step_4').length;
    expect([steps.length, paths]).toEqual([3 + callsOfWaiting, callsOfWaiting]);
  },
};

async function runOf({ api }: World, { ids }: Accepted): Promise<Run> {
  return api.get<Run>(`/v1/runs/${ids[0]}`);
}

async function callUntil(over: AbortSignal, { api }: World, { ids }: Accepted): Promise<void> {
  const path = `/v1/runs/${ids[0]}/steps/waiting/resume-url`;
  while (!over.aborted) {
    const url = await api.get<{ url: string }>(path).then(
      (answer) => answer.url,
      () => undefined,
    );
    const status =
      url &&
      (await fetch(url, { method: 'POST' }).then(
        ({ status }) => status,
        () => undefined,
      ));
    if (status === 410) return;
    await sleep(pauseMs);
  }
}

export const waitScenarios = {
  'results.suspended': { service: 'orchestrator', ...called },
  'waits.ended': { service: 'orchestrator', ...called },
  'waits.sent': { service: 'orchestrator', ...called },
  'results.emitted': { service: 'orchestrator', ...called },
  'resume.kept': { service: 'webhooks-service', ...called },
} satisfies Record<string, Scenario>;
