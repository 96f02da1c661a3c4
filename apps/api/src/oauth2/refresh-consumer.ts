import {
  consume,
  createParker,
  DONE,
  sendReply,
  type AmqpSession,
  type Consumer,
  type Publisher,
} from '@millrace/amqp';
import {
  assertNever,
  decodeRefreshRequest,
  encodeRpcReply,
  queues,
  type RefreshRequest,
  type RpcReply,
} from '@millrace/contracts';
import type { Logger } from '@millrace/observability';
import type { Refreshment } from './refresh-credential.js';

/** Each holds a connection to the database while it asks; the others are for people. */
const prefetch = 3;

export interface RefreshConsumerDeps {
  publisher: Publisher;
  logger: Logger;
  refresh: (request: RefreshRequest) => Promise<Refreshment>;
}

/** Answers components that need tokens. They wait, so an answer that cannot be sent is dropped. */
export function consumeRefreshRequests(session: AmqpSession, deps: RefreshConsumerDeps): Consumer {
  const { publisher, logger } = deps;
  return consume(session, {
    queue: queues.refresh,
    prefetch,
    logger,
    park: createParker(publisher),
    async handle(delivery) {
      const decoded = decodeRefreshRequest(delivery.body);
      const reply = decoded.ok ? await replyTo(deps, decoded.value) : refusal('call_unreadable', decoded.reason);
      try {
        await sendReply(publisher, delivery, encodeRpcReply(reply), { contentType: 'application/json' });
      } catch (error) {
        logger.warn({ err: error }, 'the answer to a component could not be sent');
      }
      return DONE;
    },
  });
}

async function replyTo({ refresh, logger }: RefreshConsumerDeps, request: RefreshRequest): Promise<RpcReply> {
  let refreshment: Refreshment;
  try {
    refreshment = await refresh(request);
  } catch (error) {
    logger.warn({ err: error, credentialId: request.credential.id }, 'a credential could not be refreshed');
    return refusal('unavailable', 'The control plane cannot refresh the credential at the moment');
  }
  switch (refreshment.outcome) {
    case 'refreshed':
      return { ok: true, value: refreshment.credential };
    case 'refused':
    case 'notRefreshable':
      return refusal('credential_refused', refreshment.reason);
    case 'unavailable':
      return refusal(
        'unavailable',
        `The access token is over, and another one could not be got: ${refreshment.reason}`,
      );
    default:
      return assertNever(refreshment);
  }
}

function refusal(code: string, message: string): RpcReply {
  return { ok: false, error: { code, message, detail: null } };
}
