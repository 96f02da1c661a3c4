import { createRpcClient, RpcError, type AmqpSession, type Publisher } from '@millrace/amqp';
import type { Component } from '@millrace/component-sdk';
import { decodeRpcReply, encodeRefreshRequest, queues, refreshedCredentialOf } from '@millrace/contracts';
import type { Logger } from '@millrace/observability';
import type { SealedCredential } from './credentials.js';
import type { RefreshAnswer } from './fresh-credentials.js';

export interface Refreshing {
  /** Asks the control plane for the present form of a credential. Never rejects. */
  ask(sealed: SealedCredential): Promise<RefreshAnswer>;
  close(): Promise<void>;
}

/** Longer than the control plane waits for the system, and for another refresh before. */
const answerWithinMs = 25_000;

/** Lets a component ask the control plane over the broker. No secret crosses it: what comes back is sealed. */
export function startRefreshing(
  session: AmqpSession,
  { component, publisher, logger }: { component: Component; publisher: Publisher; logger: Logger },
): Refreshing {
  const rpc = createRpcClient(session, { name: `component-${component.name}.answers`, publisher, logger });

  return {
    async ask({ workspaceId, credential }) {
      if (!credential) return { outcome: 'unavailable', message: 'There is no credential to refresh' };
      try {
        const body = encodeRefreshRequest({ workspaceId, credential });
        const reply = decodeRpcReply(await rpc.call(queues.refresh, body, { timeoutMs: answerWithinMs }));
        if (!reply.ok) throw new RpcError('unavailable', reply.reason);
        if (reply.value.ok) {
          const refreshed = refreshedCredentialOf(reply.value.value);
          if (!refreshed) throw new RpcError('unavailable', 'the answer is no credential');
          return { outcome: 'refreshed', sealed: refreshed.sealed };
        }
        const { code, message } = reply.value.error;
        return { outcome: code === 'credential_refused' ? 'refused' : 'unavailable', message };
      } catch (error) {
        logger.warn({ err: error, credentialId: credential.id }, 'a credential could not be refreshed');
        const message = 'The access token is over, and the control plane could not get another one at the moment';
        return { outcome: 'unavailable', message };
      }
    },
    close: () => rpc.close(),
  };
}
