import { type Channel, type ChannelModel, type ConsumeMessage, connect } from 'amqplib';

/** The queues of the bare pipeline; named apart from those of Millrace, which share the broker. */
export const bareQueues = {
  triggers: 'bare.triggers',
  webhook: 'bare.steps.webhook',
  petstore: 'bare.steps.petstore',
  results: 'bare.results',
} as const;

/** What travels: the body, the run's id and, on the way back, the step that it belongs to. */
export interface BareMessage {
  readonly runId: string;
  readonly stepId: string;
  readonly body: Buffer;
}

/** Publishes persistently; resolves when the quorum queue has confirmed. */
export type Publish = (queue: string, message: BareMessage) => Promise<void>;

/** Connects with `noDelay`: amqplib leaves Nagle on, which costs 40 ms a hop when idle. Declares all queues. */
export async function openConnection(url: string, name: string): Promise<ChannelModel> {
  const connection = await connect(url, { noDelay: true, clientProperties: { connection_name: name } });
  const channel = await connection.createChannel();
  for (const queue of Object.values(bareQueues)) {
    await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
  }
  await channel.close();
  return connection;
}

/** A publisher on its own connection, with as many messages in flight as are given to it. */
export async function openPublisher(url: string, name: string): Promise<Publish> {
  const connection = await openConnection(url, `${name} publishing`);
  const channel = await connection.createConfirmChannel();
  return (queue, { runId, stepId, body }) =>
    new Promise((resolve, reject) => {
      channel.publish('', queue, body, { persistent: true, messageId: runId, type: stepId }, (error) =>
        error ? reject(error as Error) : resolve(),
      );
    });
}

/** Handles messages one by one, up to `prefetch` at a time, and acks each after its handler has resolved. */
export async function consumeEach(
  connection: ChannelModel,
  queue: string,
  prefetch: number,
  handle: (message: BareMessage) => Promise<void>,
): Promise<void> {
  const channel = await connection.createChannel();
  await channel.prefetch(prefetch);
  const acks = new OrderedAcks(channel);
  await channel.consume(queue, (delivery) => {
    if (!delivery) throw new Error(`The broker ended the subscription to ${queue}`);
    void handle(read(delivery)).then(() => acks.settle(delivery));
  });
}

export interface BatchOptions {
  readonly prefetch: number;
  readonly maxBatch: number;
  readonly concurrentBatches: number;
}

/** Handles what has arrived as one batch, and acks it as one after its handler has resolved. */
export async function consumeBatches(
  connection: ChannelModel,
  queue: string,
  { prefetch, maxBatch, concurrentBatches }: BatchOptions,
  handle: (batch: BareMessage[]) => Promise<void>,
): Promise<void> {
  const channel = await connection.createChannel();
  await channel.prefetch(prefetch);
  const acks = new OrderedAcks(channel);
  const waiting: ConsumeMessage[] = [];
  let running = 0;
  let scheduled = false;

  const schedule = (): void => {
    if (scheduled || running >= concurrentBatches || waiting.length === 0) return;
    scheduled = true;
    // After this turn of the event loop, in which more of the same read from the socket arrives.
    setImmediate(() => {
      scheduled = false;
      const batch = waiting.splice(0, maxBatch);
      running += 1;
      void handle(batch.map(read)).then(() => {
        running -= 1;
        for (const delivery of batch) acks.settle(delivery);
        schedule();
      });
      schedule();
    });
  };
  await channel.consume(queue, (delivery) => {
    if (!delivery) throw new Error(`The broker ended the subscription to ${queue}`);
    waiting.push(delivery);
    schedule();
  });
}

/** A quorum queue writes each ack frame to its log, so deliveries are acked together as far as no earlier one is open. */
class OrderedAcks {
  readonly #channel: Channel;
  readonly #settled = new Map<number, ConsumeMessage>();
  #next = 1;
  #scheduled = false;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  settle(delivery: ConsumeMessage): void {
    this.#settled.set(delivery.fields.deliveryTag, delivery);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    let last: ConsumeMessage | undefined;
    for (let next = this.#settled.get(this.#next); next; next = this.#settled.get(this.#next)) {
      this.#settled.delete(this.#next);
      this.#next += 1;
      last = next;
    }
    if (last) this.#channel.ack(last, true);
  }
}

function read({ content, properties }: ConsumeMessage): BareMessage {
  return { runId: properties.messageId as string, stepId: properties.type as string, body: content };
}
