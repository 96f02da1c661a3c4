// The bare counterpart of the petstore component: sends the pet to the Petstore API.
import { Pool } from 'undici';
import { bareQueues, consumeEach, openConnection, openPublisher } from './broker.js';
import { ready, setting } from './settings.js';

const connections = 50;
// Far more than the calls in flight: the broker then delivers and takes acks in larger pieces.
const prefetch = 6 * connections;

const amqpUrl = setting('AMQP_URL');
const { origin, pathname } = new URL(setting('PETSTORE_BASE_URL'));
const api = new Pool(origin, { connections });
const path = `${pathname}/pet`;
const headers = { 'content-type': 'application/json', 'api-key': setting('PETSTORE_KEY') };
const publish = await openPublisher(amqpUrl, 'bare petstore component');
const connection = await openConnection(amqpUrl, 'bare petstore component consuming');

await consumeEach(connection, bareQueues.petstore, prefetch, async ({ runId, stepId, body }) => {
  const answer = await api.request({ method: 'POST', path, headers, body });
  const output = Buffer.from(await answer.body.arrayBuffer());
  if (answer.statusCode !== 201) throw new Error(`The Petstore API answered ${answer.statusCode}`);
  await publish(bareQueues.results, { runId, stepId, body: output });
});
ready();
