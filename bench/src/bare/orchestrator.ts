// The bare counterpart of the orchestrator: first the commit, then the confirms of what follows, then the ack.
import { bareQueues, consumeBatches, openConnection, openPublisher } from './broker.js';
import { openRunLog } from './run-log.js';
import { ready, setting } from './settings.js';

const maxBatch = 200;
const concurrentBatches = 2;
// One batch more than are handled, so that the next one is here when one ends.
const batches = { maxBatch, concurrentBatches, prefetch: maxBatch * (concurrentBatches + 1) };

const amqpUrl = setting('AMQP_URL');
const log = openRunLog(setting('DATABASE_URL'), 2 * concurrentBatches);
const publish = await openPublisher(amqpUrl, 'bare orchestrator');
const connection = await openConnection(amqpUrl, 'bare orchestrator consuming');

await consumeBatches(connection, bareQueues.triggers, batches, async (triggers) => {
  await log.beginRuns(triggers);
  await Promise.all(triggers.map((trigger) => publish(bareQueues.webhook, trigger)));
});

await consumeBatches(connection, bareQueues.results, batches, async (results) => {
  const finished = results.map(({ runId, stepId, body }) => ({ runId, stepId, output: body.toString() }));
  const opened = finished
    .filter(({ stepId }) => stepId === 'step_1')
    .map(({ runId, output }) => ({ runId, input: petInput(output) }));
  await log.finishSteps(finished, opened);
  await Promise.all(
    opened.map(({ runId, input }) =>
      publish(bareQueues.petstore, { runId, stepId: 'step_2', body: Buffer.from(input) }),
    ),
  );
});
ready();

/** The mapping of the flow: petname → name, petstatus → status. */
function petInput(output: string): string {
  const { body } = JSON.parse(output) as { body: { petname: string; petstatus: string } };
  return JSON.stringify({ name: body.petname, status: body.petstatus });
}
