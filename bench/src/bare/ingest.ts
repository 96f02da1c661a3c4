// The bare counterpart of the webhooks service: stores the request in a quorum queue, then answers.
import { randomFillSync } from 'node:crypto';
import { fastify } from 'fastify';
import { bareQueues, openPublisher } from './broker.js';
import { ready, setting } from './settings.js';

const maxBodyBytes = 10 * 1024 * 1024;

// Asking for random bytes costs more than the bytes: 256 ids are filled at a time.
const random = Buffer.alloc(16 * 256);
let randomAt = random.length;

const publish = await openPublisher(setting('AMQP_URL'), 'bare ingest');
const app = fastify({ bodyLimit: maxBodyBytes });
app.removeAllContentTypeParsers();
app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

const answer = { type: 'object', properties: { requestId: { type: 'string' }, message: { type: 'string' } } };
app.post<{ Params: { flowId: string }; Body: Buffer }>(
  '/hook/:flowId',
  { schema: { response: { 200: answer } } },
  (request) => {
    const requestId = newRunId();
    const stored = publish(bareQueues.triggers, { runId: requestId, stepId: 'step_1', body: request.body });
    return stored.then(() => ({ requestId, message: 'thank you' }));
  },
);
await app.listen({ host: '127.0.0.1', port: Number(setting('PORT')) });
ready();

/** A UUIDv7 without dashes: ids that grow with time keep inserts at the right edge of the indexes. */
function newRunId(): string {
  if (randomAt === random.length) {
    randomFillSync(random);
    randomAt = 0;
  }
  const bytes = random.subarray(randomAt, (randomAt += 16));
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex');
}
