import { openSession, type AmqpSession, type SessionOptions } from './session.js';

export interface SessionPair {
  /** For publishing only: the broker stops reading this connection when it is short of memory or disk. */
  readonly publishing: AmqpSession;
  /** For consuming only: acks keep flowing while the other one is blocked. */
  readonly consuming: AmqpSession;
  /** Resolves when both are ready; rejects as `AmqpSession.ready` does. */
  ready(timeoutMs?: number): Promise<void>;
  close(): Promise<void>;
}

/** Opens the two sessions of a process, named `<name>:publishing` and `<name>:consuming`, with the same topology. */
export function openSessions(options: SessionOptions): SessionPair {
  const publishing = openSession({ ...options, name: `${options.name}:publishing` });
  const consuming = openSession({ ...options, name: `${options.name}:consuming` });
  return {
    publishing,
    consuming,
    async ready(timeoutMs) {
      await Promise.all([publishing.ready(timeoutMs), consuming.ready(timeoutMs)]);
    },
    async close() {
      await Promise.all([consuming.close(), publishing.close()]);
    },
  };
}
