/*
 * A process that consumes `in`, publishes a follow-up of each message to `out` (or parks it) and kills itself at a named
 * point between two durable acts. Runs the built library, so `npx tsc -b libs/amqp` comes first.
 */
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';

import { consume, consumeBatches, createParker, createPublisher, DONE, openSessions } from '@millrace/amqp';
import { createLogger } from '@millrace/observability';

const { url, mode, crashAt, crashOnCall } = JSON.parse(process.argv[2] ?? '{}');
const logger = createLogger({ service: 'crash-child', level: 'silent' });
const topology = { exchanges: [], queues: [], bindings: [] };
const sessions = openSessions({ url, name: 'crash-child', topology, logger });
const publisher = createPublisher(sessions.publishing, { logger });

let calls = 0;

/** The end of this process, as sudden as a power cut. */
function die() {
  process.kill(process.pid, 'SIGKILL');
}

/** Dies here if this is the point and the call was the chosen one; what was sent too early by then gets out before. */
async function point(name, call) {
  if (name !== crashAt || call !== crashOnCall) return;
  await delay(30);
  die();
}

/** Dies after the handler has returned: before or after the ack, which the library sends at the end of the turn. */
function dieAfterReturn(call, beforeAck, afterAck) {
  if (call !== crashOnCall) return;
  if (crashAt === beforeAck) process.nextTick(die);
  if (crashAt === afterAck)
    void turn()
      .then(() => delay(50))
      .then(die);
}

function followUp({ body, messageId }) {
  return publisher.publish({ exchange: '', routingKey: 'out', body, messageId });
}

const parker = createParker(publisher, { queue: 'parked' });
const park = {
  async park(delivery, reason) {
    const call = (calls += 1);
    await point('beforeParked', call);
    const parked = parker.park(delivery, reason);
    if (crashAt === 'parkSent' && call === crashOnCall) await turn().then(die);
    await parked;
    await point('parkConfirmed', call);
  },
};

async function handle(delivery) {
  const call = (calls += 1);
  await point('consumed', call);
  const sent = followUp(delivery);
  if (crashAt === 'followUpSent' && call === crashOnCall) await turn().then(die);
  await sent;
  await point('followUpConfirmed', call);
  dieAfterReturn(call, 'returned', 'acked');
  return DONE;
}

async function handleBatch(batch) {
  const call = (calls += 1);
  await point('batchTaken', call);
  const half = Math.ceil(batch.length / 2);
  await Promise.all(batch.slice(0, half).map(followUp));
  await point('halfConfirmed', call);
  await Promise.all(batch.slice(half).map(followUp));
  await point('allConfirmed', call);
  dieAfterReturn(call, 'batchReturned', 'batchAcked');
  return batch.map(() => DONE);
}

switch (mode) {
  case 'single':
    consume(sessions.consuming, { queue: 'in', prefetch: 4, logger, park, handle });
    break;
  case 'park':
    consume(sessions.consuming, {
      queue: 'in',
      prefetch: 4,
      logger,
      park,
      handle: () => Promise.resolve({ outcome: 'park', reason: 'cannot be read' }),
    });
    break;
  case 'batch':
    consumeBatches(sessions.consuming, {
      queue: 'in',
      prefetch: 30,
      maxBatch: 6,
      concurrentBatches: 2,
      logger,
      park,
      handle: handleBatch,
    });
    break;
  case 'publish':
    for (let id = 0; ; id += 1) {
      const messageId = `m${id}`;
      void publisher.publish({ exchange: '', routingKey: 'in', body: Buffer.alloc(500), messageId }).then(() => {
        // Written at once, so that what the parent reads was confirmed before the end.
        process.stdout.write(`${messageId}\n`);
      });
      if (id % 20 === 0) await delay(1);
    }
}
