import type { AmqpSession, Publisher } from '@millrace/amqp';
import { descriptorOf, type Component } from '@millrace/component-sdk';
import { componentAnnounced, encodeDescriptor, exchanges } from '@millrace/contracts';
import type { Logger } from '@millrace/observability';

const defaultIntervalMs = 30_000;

/**
 * Announces the descriptor of a component to the catalogue: at once, after every reconnect and at an interval, so that a
 * catalogue that was away or is new learns of it, and one that hears nothing knows that the component is away. Returns
 * the function that stops it.
 */
export function startAnnouncing(options: {
  component: Component;
  /** What the operator set for it. */
  settings: unknown;
  session: AmqpSession;
  publisher: Publisher;
  logger: Logger;
  /** Default 30 s. */
  intervalMs?: number | undefined;
}): () => void {
  const { component, session, publisher, logger, intervalMs = defaultIntervalMs } = options;
  const body = encodeDescriptor(descriptorOf(component, options.settings));
  const messageId = `${componentAnnounced}:${component.name}`;

  function announce(): void {
    publisher
      .publish({
        exchange: exchanges.events,
        routingKey: componentAnnounced,
        body,
        messageId,
        contentType: 'application/json',
      })
      .catch((error: unknown) => logger.debug({ err: error }, 'the component could not be announced'));
  }

  const forgetState = session.onState((state) => {
    if (state === 'up') announce();
  });
  // While the broker is away there is nobody to tell; the return of the session announces again.
  const timer = setInterval(() => {
    if (session.state === 'up') announce();
  }, intervalMs);
  if (session.state === 'up') announce();
  return () => {
    forgetState();
    clearInterval(timer);
  };
}
