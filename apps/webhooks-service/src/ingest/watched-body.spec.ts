import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { handover } from './handover.js';
import { WatchedBody } from './watched-body.js';

/** Pieces that are overwritten when the next one is asked for, and how the source ended. */
function source(pieces: readonly Buffer[], failure?: Error) {
  const state = { asked: 0, left: false };
  async function* content(): AsyncGenerator<Buffer> {
    try {
      for (const piece of pieces) {
        state.asked += 1;
        const passing = Buffer.from(piece);
        yield await Promise.resolve(passing);
        passing.fill(0xff);
      }
      if (failure) throw failure;
    } finally {
      state.left = true;
    }
  }
  return { state, content: content() };
}

const bodies = fc.array(
  fc.uint8Array({ minLength: 1, maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
  { maxLength: 12 },
);

describe('a body that is watched', () => {
  it('is seen whole and in order by all, however much of it its reader leaves', async () => {
    await fc.assert(
      fc.asyncProperty(bodies, fc.nat({ max: 13 }), fc.nat({ max: 13 }), async (pieces, reads, copies) => {
        const whole = Buffer.concat(pieces);
        const seen: Buffer[] = [];
        const second = handover();
        const copied: Buffer[] = [];
        const copying = (async () => {
          let left = copies;
          for await (const piece of second.content) {
            copied.push(Buffer.from(piece));
            left -= 1;
            if (left <= 0) break;
          }
          second.left();
        })();
        const body = new WatchedBody(source(pieces).content, {
          pending: { update: (piece) => void seen.push(Buffer.from(piece)) },
          copy: (piece) => second.give(piece),
        });
        const read: Buffer[] = [];
        let left = reads;
        for await (const piece of body) {
          read.push(Buffer.from(piece));
          left -= 1;
          if (left <= 0) break;
        }
        await body.drain();
        second.end();
        await copying;
        expect(Buffer.concat(seen)).toEqual(whole);
        expect(Buffer.concat(read)).toEqual(Buffer.concat(pieces.slice(0, Math.max(1, reads))));
        expect(Buffer.concat(copied)).toEqual(Buffer.concat(pieces.slice(0, Math.max(1, copies))));
      }),
    );
  });

  it('is drained after a reader that left while it waited for a piece', async () => {
    let arrive: (piece: Buffer) => void = () => undefined;
    const first = new Promise<Buffer>((resolve) => (arrive = resolve));
    async function* slow(): AsyncGenerator<Buffer> {
      yield await first;
      yield Buffer.from('b');
    }
    const seen: string[] = [];
    const watchers = { pending: { update: (piece: Buffer) => void seen.push(piece.toString()) }, copy: undefined };
    const body = new WatchedBody(slow(), watchers);
    const waiting = body[Symbol.asyncIterator]().next();
    const drained = body.drain();
    arrive(Buffer.from('a'));
    await Promise.all([waiting, drained]);
    expect(seen).toEqual(['a', 'b']);
  });

  it('says of what the source fails to its reader and to who drains it', async () => {
    const failure = new Error('gone');
    const watchers = { pending: undefined, copy: undefined };
    const body = new WatchedBody(source([Buffer.from('a')], failure).content, watchers);
    const read = async (): Promise<void> => {
      for await (const _ of body);
    };
    await expect(read()).rejects.toBe(failure);
    await expect(body.drain()).rejects.toBe(failure);
  });

  it('leaves its source when it is closed', async () => {
    const { state, content } = source([Buffer.from('a'), Buffer.from('b')]);
    const body = new WatchedBody(content, { pending: undefined, copy: undefined });
    for await (const _ of body) break;
    expect(state).toEqual({ asked: 1, left: false });
    await body.close();
    expect(state).toEqual({ asked: 1, left: true });
  });
});
