import { createParker, createPublisher, openSessions } from '@millrace/amqp';
import { coreTopology, type Invalidation } from '@millrace/contracts';
import { createLogger } from '@millrace/observability';
import { hearInvalidations } from '@millrace/platform';
import { eventually, useVhost } from '@millrace/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { openInstances, type Instances } from './instances.js';

const vhost = useVhost();
const logger = createLogger({ service: 'spec', level: 'silent' });
const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step();
});

function sessionsOf(name: string): ReturnType<typeof openSessions> {
  const sessions = openSessions({ url: vhost.amqpUrl, name, topology: coreTopology, logger });
  undo.push(() => sessions.close());
  return sessions;
}

/** A service that keeps copies; `forgotten` are the flows that it has let go of. */
function listener(): { forgotten: string[]; vanish(): Promise<void> } {
  const sessions = sessionsOf('listener');
  const publisher = createPublisher(sessions.publishing, { logger });
  undo.push(() => publisher.close());
  const forgotten: string[] = [];
  const cache = {
    forget: ({ flowIds }: Invalidation) => void forgotten.push(...flowIds),
    forgetAll: () => undefined,
  };
  const heard = hearInvalidations(sessions.consuming, { cache, publisher, logger, park: createParker(publisher) });
  undo.push(() => heard.close());
  return { forgotten, vanish: () => sessions.close() };
}

function teller(): Instances {
  const sessions = sessionsOf('teller');
  const publisher = createPublisher(sessions.publishing, { logger });
  const instances = openInstances(sessions.consuming, { publisher, logger, heardWithinMs: 300, askEveryMs: 100 });
  undo.push(
    () => publisher.close(),
    () => instances.close(),
  );
  return instances;
}

const flow = (id: string): Invalidation => ({ flowIds: [id], credentialIds: [] });

describe('telling every instance of a change', () => {
  it('ends only when all of them have forgotten, whoever was there first', async () => {
    const early = [listener(), listener()];
    const instances = teller();
    await eventually(async () => expect(instances.known).toBe(2));
    const late = listener();
    await eventually(async () => expect(instances.known).toBe(3));
    for (let change = 0; change < 200; change += 1) {
      await instances.tell(flow(`flow ${change}`));
      for (const { forgotten } of [...early, late]) expect(forgotten.at(-1)).toBe(`flow ${change}`);
    }
  });

  it('does not wait again for one that is gone', async () => {
    const stays = listener();
    const goes = listener();
    const instances = teller();
    await eventually(async () => expect(instances.known).toBe(2));
    await goes.vanish();
    await instances.tell(flow('a'));
    expect(stays.forgotten).toContain('a');
    await eventually(async () => expect(instances.known).toBe(1));
    const before = performance.now();
    await instances.tell(flow('b'));
    expect(performance.now() - before).toBeLessThan(250);
  });

  it('ends at once where nobody listens', async () => {
    const instances = teller();
    await instances.tell(flow('a'));
    expect(instances.known).toBe(0);
  });
});
