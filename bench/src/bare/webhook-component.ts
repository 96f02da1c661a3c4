// The bare counterpart of the webhook component: parses the request body.
import { bareQueues, consumeEach, openConnection, openPublisher } from './broker.js';
import { ready, setting } from './settings.js';

const prefetch = 400;

const amqpUrl = setting('AMQP_URL');
const publish = await openPublisher(amqpUrl, 'bare webhook component');
const connection = await openConnection(amqpUrl, 'bare webhook component consuming');

await consumeEach(connection, bareQueues.webhook, prefetch, ({ runId, stepId, body }) => {
  const output = Buffer.from(JSON.stringify({ body: JSON.parse(body.toString()) as unknown }));
  return publish(bareQueues.results, { runId, stepId, body: output });
});
ready();
