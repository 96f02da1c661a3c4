import { parseId, stepQueue, type RunId } from '@millrace/contracts';
import type { ServiceName } from '@millrace/dev';
import { eventually } from '@millrace/testing';
import { expect } from 'vitest';
import type { Accepted } from './requests.js';
import type { World } from './world.js';

/** How a process comes to its crash point, and what else there is to see when it is back. */
export interface Scenario {
  service: ServiceName;
  /** The point is reached before for as many times less one; default 1. */
  times?: number;
  /** Goes on until the process has ended, which `over` tells, or has done what must end it. */
  provoke(world: World, accepted: Accepted, over: AbortSignal): Promise<void>;
  /** What must be done when the process is back, or shows that nothing is amiss. */
  after?(world: World, accepted: Accepted): Promise<void>;
}

/** Sends one request while the Petstore component is away; resolves when its step waits in the queue. */
export async function withoutPetstore(world: World, accepted: Accepted): Promise<RunId> {
  await world.service('component-petstore').kill();
  expect(await accepted.send(world.flows.plain.webhookUrl, {})).toBe(true);
  await eventually(async () => expect(await world.messageCount(stepQueue('petstore'))).toBe(1), { timeoutMs: 20_000 });
  const runId = parseId<RunId>(accepted.ids[0] ?? '');
  if (!runId) throw new Error('no request was accepted');
  return runId;
}
