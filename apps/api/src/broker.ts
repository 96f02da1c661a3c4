import { createPublisher, createRpcClient, openSessions, PublishError, RpcError } from '@millrace/amqp';
import {
  coreTopology,
  decodeRpcReply,
  encodeReplyMessage,
  encodeRpcRequest,
  rpcQueue,
  type Invalidation,
  type Reached,
  type RefreshRequest,
} from '@millrace/contracts';
import type { Logger } from '@millrace/observability';
import type { Database } from '@millrace/persistence';
import { consumeCatalogue } from './components/catalogue-consumer.js';
import type { AskComponent, ComponentAnswer } from './credentials/verify-credential.js';
import type { ApiDeps } from './deps.js';
import { readConsumerCounts } from './consumer-counts.js';
import { openInstances } from './instances.js';
import { consumeRefreshRequests } from './oauth2/refresh-consumer.js';
import type { Refreshment } from './oauth2/refresh-credential.js';
import type { SendCopy } from './parked/parked-messages.js';
import type { SendAnswer } from './runs/answer-caller.js';

/** What the control plane does over the broker. */
export interface Broker {
  askComponent: AskComponent;
  invalidate: ApiDeps['invalidate'];
  sendCopy: SendCopy;
  sendAnswer: SendAnswer;
  messageCount: ApiDeps['messageCount'];
  consumerCount: ApiDeps['consumerCount'];
  /** Rejects when there is no connection within the bound. */
  ready(timeoutMs: number): Promise<void>;
  /** Ends what is under way and closes the connections. */
  close(): Promise<void>;
}

/** A question is refused when there is no connection for this long. */
const connectedWithinMs = 2_000;

/** A question is refused when nobody takes it for this long: so long may a component need to start again. */
const consumedWithinMs = 2_000;

/** A message that is not confirmed for this long may be on its queue or not. */
const confirmedWithinMs = 5_000;

/** Connects in the background and for ever; works without a broker, as far as that goes. */
export function openBroker(options: {
  url: string;
  database: Database;
  logger: Logger;
  reached: Reached;
  /** Gets the next tokens of a credential for a component that asks. */
  refresh: (request: RefreshRequest) => Promise<Refreshment>;
}): Broker {
  const { url, database, logger, reached, refresh } = options;
  const sessions = openSessions({ url, name: 'api', topology: coreTopology, logger });
  const publisher = createPublisher(sessions.publishing, { logger });
  const rpc = createRpcClient(sessions.consuming, { name: 'api.answers', publisher, logger });
  const instances = openInstances(sessions.consuming, { publisher, logger });
  const consumers = readConsumerCounts(async (queue) => {
    await sessions.ready(connectedWithinMs);
    return (await sessions.publishing.consumerCount(queue)) ?? 0;
  }, logger);
  const catalogue = consumeCatalogue(sessions.consuming, { database, publisher, logger, reached });
  const refreshes = consumeRefreshRequests(sessions.consuming, { publisher, logger, refresh });

  return {
    async askComponent(component, request, timeoutMs) {
      try {
        await sessions.ready(connectedWithinMs);
      } catch (error) {
        logger.warn({ err: error, component, call: request.call }, 'a component cannot be asked without a broker');
        return { outcome: 'unavailable' };
      }
      if (!(await consumers.appear(rpcQueue(component), consumedWithinMs))) {
        logger.warn({ component, call: request.call }, 'a component cannot be asked while it is away');
        return { outcome: 'unavailable' };
      }
      try {
        const body = await rpc.call(rpcQueue(component), encodeRpcRequest(request), { timeoutMs });
        const decoded = decodeRpcReply(body);
        if (decoded.ok) return { outcome: 'answered', reply: decoded.value };
        logger.error({ component, reason: decoded.reason }, 'the answer of a component cannot be read');
        return { outcome: 'unavailable' };
      } catch (error) {
        if (!(error instanceof RpcError)) throw error;
        logger.warn({ err: error, component, call: request.call }, 'a component was asked in vain');
        return failedAnswer(error);
      }
    },

    async invalidate({ flowIds = [], credentialIds = [] }: Partial<Invalidation>) {
      reached('change.committed');
      await instances.tell({ flowIds, credentialIds });
      reached('change.heard');
    },

    async sendCopy({ queue, ...message }) {
      try {
        await publisher.publish(
          { exchange: '', routingKey: queue, mandatory: true, persistent: true, ...message },
          { timeoutMs: confirmedWithinMs },
        );
        return 'confirmed';
      } catch (error) {
        if (!(error instanceof PublishError)) throw error;
        logger.warn({ err: error, queue, messageId: message.messageId }, 'a message could not be put on its queue');
        return error.reason === 'returned' ? 'noQueue' : 'unavailable';
      }
    },

    async sendAnswer(queue, message) {
      const { kind, runId } = message;
      try {
        await publisher.publish(
          {
            exchange: '',
            routingKey: queue,
            body: encodeReplyMessage(message),
            messageId: `${kind}:${runId}`,
            contentType: 'application/json',
            mandatory: false,
            persistent: false,
          },
          { timeoutMs: connectedWithinMs },
        );
      } catch (error) {
        logger.debug({ err: error, runId, kind }, 'an answer could not be sent to the caller who waits');
      }
    },

    async messageCount(queue) {
      try {
        await sessions.ready(connectedWithinMs);
        return await sessions.publishing.messageCount(queue);
      } catch (error) {
        logger.warn({ err: error, queue }, 'the broker cannot be asked how many messages wait');
        return undefined;
      }
    },

    consumerCount: (queue) => consumers.count(queue),

    ready: (timeoutMs) => sessions.ready(timeoutMs),

    async close() {
      await Promise.all([catalogue.close(), refreshes.close(), rpc.close(), instances.close()]);
      await publisher.close();
      await sessions.close();
    },
  };
}

function failedAnswer(error: RpcError): ComponentAnswer {
  return { outcome: error.reason === 'timeout' ? 'timeout' : 'unavailable' };
}
