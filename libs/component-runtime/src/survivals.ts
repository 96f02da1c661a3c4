import type { Delivery } from '@millrace/amqp';

/** Tells of a copy how often a process ended while it had the message before. */
const lossesHeader = 'x-lost-before';

/** Messages that are remembered; of older ones every loss counts as in a process that never saw them. */
const maxRemembered = 10_000;

/**
 * Remembers how often this process had each message. As the process lives, none of those deliveries crashed it, however
 * they were lost: by a cut connection, an ack that did not arrive, or the broker's consumer timeout.
 */
export class Survivals {
  private readonly deliveries = new Map<string, number>();
  private readonly losses = new WeakMap<Delivery, number>();

  /** Must be told of each delivery, once. */
  arrived(delivery: Delivery): void {
    const { messageId, deliveryCount } = delivery;
    if (messageId === undefined) return;
    const before = this.deliveries.get(messageId) ?? 0;
    // Last in the order of the map, whose first one is the longest unseen.
    this.deliveries.delete(messageId);
    this.deliveries.set(messageId, before + 1);
    if (this.deliveries.size > maxRemembered) {
      const [oldest] = this.deliveries.keys();
      if (oldest !== undefined) this.deliveries.delete(oldest);
    }
    if (before > 0) this.losses.set(delivery, Math.max(0, deliveryCount - before));
  }

  /** How often a process may have ended while it had the message. */
  lossesOf(delivery: Delivery): number {
    return (this.losses.get(delivery) ?? delivery.deliveryCount) + lostBefore(delivery);
  }

  /** What a copy of the message has to say of its losses. */
  headersOf(delivery: Delivery): Record<string, number> {
    const losses = this.lossesOf(delivery);
    return losses > 0 ? { [lossesHeader]: losses } : {};
  }

  /** A copy takes the place of the message, and is counted anew. */
  forget(messageId: string): void {
    this.deliveries.delete(messageId);
  }
}

function lostBefore({ headers }: Delivery): number {
  const losses = headers[lossesHeader];
  return typeof losses === 'number' && losses > 0 ? losses : 0;
}
