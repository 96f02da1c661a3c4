import { describe, expect, it } from 'vitest';
import { createBodyRoom } from './body-room.js';

describe('the room for bodies', () => {
  it('is shared by all calls, of which a workspace has no more than its share', () => {
    const room = createBodyRoom({ maxBytes: 100, maxShareBytes: 60 });
    const [one, two] = [{ heldBytes: 0 }, { heldBytes: 0 }];
    const [first, second, other] = [room.hold(one), room.hold(one), room.hold(two)];
    expect([first.take(40), second.take(21), second.take(20)]).toEqual([undefined, 'noShare', undefined]);
    expect([other.take(41), other.take(40)]).toEqual(['noRoom', undefined]);
    expect(room.heldBytes).toBe(100);
    first.letGo();
    expect([one.heldBytes, room.heldBytes]).toEqual([20, 60]);
    expect(other.take(20)).toBeUndefined();
  });

  it('is given back once, however often', () => {
    const room = createBodyRoom({ maxBytes: 100, maxShareBytes: 100 });
    const share = { heldBytes: 0 };
    const hold = room.hold(share);
    hold.take(10);
    hold.take(5);
    hold.letGo();
    hold.letGo();
    expect([share.heldBytes, room.heldBytes]).toEqual([0, 0]);
  });
});
