/*
 * Questions and answers over queues, for calls of the control plane: a few per second, each with a bound. A question expires
 * in its queue together with the patience of the caller. Answers come to an exclusive queue of the calling process; when
 * the connection to it is lost, so are the answers, and the calls under way are rejected.
 */
import { randomUUID } from 'node:crypto';

import type { Logger } from '@millrace/observability';

import { consume } from './consumer.js';
import { DONE, type Delivery } from './delivery.js';
import { PublishError, type PublishFailure } from './publish-error.js';
import type { Publisher } from './publisher.js';
import type { AmqpSession } from './session.js';

/**
 * - `unroutable`: there is no such queue; - `timeout`: no answer in time; - `unavailable`: the broker could not be asked;
 * - `connectionLost`: the answer, if there was one, is lost; - `tooLarge`: the question is; - `closed`: the client is.
 */
export type RpcFailure = 'unroutable' | 'timeout' | 'unavailable' | 'connectionLost' | 'tooLarge' | 'closed';

export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly reason: RpcFailure;

  constructor(reason: RpcFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

export interface RpcClientOptions {
  /** Begin of the reply queue's name, for people who look at the broker. */
  name: string;
  publisher: Publisher;
  logger: Logger;
}

export interface RpcCallOptions {
  timeoutMs: number;
  contentType?: string;
  headers?: Readonly<Record<string, string | number | boolean>>;
}

export interface RpcClient {
  /** Resolves when answers can be received. */
  readonly started: Promise<void>;
  /** Puts a question to a queue and resolves with the body of the answer. Rejects with RpcError. */
  call(queue: string, body: Buffer, options: RpcCallOptions): Promise<Buffer>;
  /** Rejects the calls under way as `closed`. */
  close(): Promise<void>;
}

interface Call {
  /** Undefined until the question is about to be sent. */
  replyTo: string | undefined;
  resolve(body: Buffer): void;
  reject(error: RpcError): void;
}

/** Creates a client; `session` is where it receives the answers. */
export function createRpcClient(session: AmqpSession, options: RpcClientOptions): RpcClient {
  const calls = new Map<string, Call>();
  let closed = false;

  const replies = consume(session, {
    queue: () => `${options.name}.${randomUUID()}`,
    prefetch: 100,
    logger: options.logger,
    park: { park: () => Promise.resolve() },
    onSubscribed: () => rejectOrphans(),
    handle(delivery) {
      calls.get(delivery.correlationId ?? '')?.resolve(delivery.body);
      return Promise.resolve(DONE);
    },
  });

  /** Calls whose answers go to the reply queue of a connection that is gone. */
  function rejectOrphans(): void {
    for (const call of calls.values()) {
      if (call.replyTo === undefined || call.replyTo === replies.queue) continue;
      call.reject(new RpcError('connectionLost', 'The connection for the answer was lost'));
    }
  }

  async function call(queue: string, body: Buffer, callOptions: RpcCallOptions): Promise<Buffer> {
    if (closed) throw new RpcError('closed', 'The RPC client is closed');
    const { timeoutMs, contentType, headers } = callOptions;
    const correlationId = randomUUID();
    let timer: NodeJS.Timeout | undefined;
    const answer = new Promise<Buffer>((resolve, reject) => {
      timer = setTimeout(() => {
        reject(new RpcError('timeout', `No answer from queue "${queue}" within ${timeoutMs} ms`));
      }, timeoutMs);
      calls.set(correlationId, { replyTo: undefined, resolve, reject });
    });
    // It may be rejected while the question is still being published.
    answer.catch(() => undefined);
    try {
      // Each wait ends with the call's own failure when it takes too long.
      await Promise.race([replies.started.catch(closedInstead), answer]);
      const replyTo = replies.queue ?? '';
      const entry = calls.get(correlationId);
      if (entry) entry.replyTo = replyTo;
      const asked = publishQuestion({ queue, body, correlationId, replyTo, timeoutMs, contentType, headers });
      asked.catch(() => undefined);
      await Promise.race([asked, answer]);
      return await answer;
    } finally {
      clearTimeout(timer);
      calls.delete(correlationId);
    }
  }

  async function publishQuestion(question: {
    queue: string;
    body: Buffer;
    correlationId: string;
    replyTo: string;
    timeoutMs: number;
    contentType: string | undefined;
    headers: Readonly<Record<string, string | number | boolean>> | undefined;
  }): Promise<void> {
    const { queue, body, correlationId, replyTo, timeoutMs, contentType, headers } = question;
    try {
      await options.publisher.publish(
        {
          exchange: '',
          routingKey: queue,
          body,
          messageId: correlationId,
          correlationId,
          replyTo,
          expirationMs: timeoutMs,
          persistent: false,
          ...(contentType !== undefined && { contentType }),
          ...(headers !== undefined && { headers }),
        },
        { timeoutMs },
      );
    } catch (error) {
      if (!(error instanceof PublishError)) throw error;
      throw new RpcError(rpcFailure(error.reason), `Queue "${queue}" could not be asked: ${error.message}`, {
        cause: error,
      });
    }
  }

  return {
    started: replies.started,
    call,
    async close() {
      closed = true;
      for (const call of calls.values()) call.reject(new RpcError('closed', 'The RPC client was closed'));
      await replies.close();
    },
  };
}

function closedInstead(cause: unknown): never {
  throw new RpcError('closed', 'The RPC client was closed', { cause });
}

function rpcFailure(reason: PublishFailure): RpcFailure {
  switch (reason) {
    case 'returned':
      return 'unroutable';
    case 'refused':
    case 'overloaded':
    case 'unavailable':
      return 'unavailable';
    case 'connectionLost':
    case 'timeout':
    case 'tooLarge':
    case 'closed':
      return reason;
  }
}

export interface ReplyOptions {
  contentType?: string;
  headers?: Readonly<Record<string, string | number | boolean>>;
  timeoutMs?: number;
}

/**
 * Answers a question. When nobody waits for the answer any more it is dropped, which is no failure; rejects with PublishError
 * when it cannot be sent. Does nothing for a message that asks for no answer.
 */
export async function sendReply(
  publisher: Publisher,
  question: Pick<Delivery, 'replyTo' | 'correlationId'>,
  body: Buffer,
  options: ReplyOptions = {},
): Promise<void> {
  const { replyTo, correlationId } = question;
  if (replyTo === undefined || correlationId === undefined) return;
  const { contentType, headers, timeoutMs = 5_000 } = options;
  await publisher.publish(
    {
      exchange: '',
      routingKey: replyTo,
      body,
      messageId: correlationId,
      correlationId,
      persistent: false,
      mandatory: false,
      ...(contentType !== undefined && { contentType }),
      ...(headers !== undefined && { headers }),
    },
    { timeoutMs },
  );
}
