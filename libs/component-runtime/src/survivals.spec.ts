import type { Delivery } from '@millrace/amqp';
import { describe, expect, it } from 'vitest';
import { Survivals } from './survivals.js';

function arrival(survivals: Survivals, messageId: string | undefined, deliveryCount: number): number {
  const delivery = { messageId, deliveryCount, headers: {} as Delivery['headers'] } as Delivery;
  survivals.arrived(delivery);
  return survivals.lossesOf(delivery);
}

describe('Survivals', () => {
  it('counts no loss of a message that only this process had', () => {
    const survivals = new Survivals();
    for (let count = 0; count < 12; count += 1) expect(arrival(survivals, 'm1', count)).toBe(0);
  });

  it('counts those of other processes, before and in between', () => {
    const survivals = new Survivals();
    expect(arrival(survivals, 'm1', 3)).toBe(3);
    expect(arrival(survivals, 'm1', 4)).toBe(3);
    expect(arrival(survivals, 'm1', 7)).toBe(5);
    expect(arrival(survivals, 'm2', 1)).toBe(1);
  });

  it('counts on in a copy that takes the place of a message', () => {
    const survivals = new Survivals();
    const lost = { messageId: 'm1', deliveryCount: 3, headers: {} } as unknown as Delivery;
    survivals.arrived(lost);
    expect(survivals.headersOf({ messageId: 'm2', deliveryCount: 0, headers: {} } as unknown as Delivery)).toEqual({});
    const headers = survivals.headersOf(lost);
    survivals.forget('m1');
    for (const [deliveryCount, losses] of [
      [0, 3],
      [1, 3],
      [4, 5],
    ] as const) {
      const copy = { messageId: 'm1', deliveryCount, headers } as unknown as Delivery;
      survivals.arrived(copy);
      expect(survivals.lossesOf(copy)).toBe(losses);
    }
  });

  it('takes the count of the broker for a message without an id', () => {
    expect(arrival(new Survivals(), undefined, 6)).toBe(6);
  });

  it('forgets what it has not seen for long', () => {
    const survivals = new Survivals();
    arrival(survivals, 'old', 0);
    for (let id = 0; id < 10_000; id += 1) arrival(survivals, `m${id}`, 0);
    expect(arrival(survivals, 'old', 1)).toBe(1);
    expect(arrival(survivals, 'm9999', 1)).toBe(0);
  });
});
