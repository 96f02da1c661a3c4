import type { Files } from '@millrace/component-sdk';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { byteBudget } from './byte-budget.js';
import { withMediaFile } from './media-file.js';

const mib = 1024 * 1024;
const file = { id: 'x', name: 'p.png', contentType: 'image/png', size: 1, url: 'u' };
const { signal } = new AbortController();

/** A file of so many pieces of 1 MiB that says it has `size` bytes, and how many of them were read. */
function files(size: number, pieces: number): Files & { read: number; content: Readable | undefined } {
  const source = {
    read: 0,
    content: undefined as Readable | undefined,
    open: () => {
      const content = Readable.from(
        (function* () {
          for (; source.read < pieces; source.read += 1) yield Buffer.alloc(mib);
        })(),
        { highWaterMark: 1 },
      );
      source.content = content;
      return Promise.resolve({ size, content });
    },
    create: () => Promise.reject(new Error('nothing is made')),
  };
  return source;
}

describe('the file of a tweet', () => {
  it('is read whole where it is small enough', async () => {
    const bytes = await withMediaFile({ files: files(5 * mib, 5), signal }, file, (all) => Promise.resolve(all.length));
    expect(bytes).toBe(5 * mib);
  });

  it('is refused by the size that it really has, whatever the input says, and not read', async () => {
    const large = files(90 * mib, 90);
    const read = withMediaFile({ files: large, signal }, file, () => Promise.resolve());
    await expect(read).rejects.toMatchObject({
      code: 'media_refused',
      message: expect.stringContaining('94371840') as string,
    });
    expect(large.content?.destroyed).toBe(true);
    expect(large.read).toBeLessThanOrEqual(1);
  });

  it('is not read on when it turns out to be larger than it says', async () => {
    const large = files(0, 90);
    const read = withMediaFile({ files: large, signal }, file, () => Promise.resolve());
    await expect(read).rejects.toThrow('more than 5242880 bytes');
    expect(large.content?.destroyed).toBe(true);
    expect(large.read).toBeLessThan(10);
  });

  it('waits while those of other steps fill what the process may hold', async () => {
    let at = 0;
    let most = 0;
    const uploads = Array.from({ length: 20 }, () =>
      withMediaFile({ files: files(5 * mib, 5), signal }, file, async () => {
        at += 1;
        most = Math.max(most, at);
        await delay(5);
        at -= 1;
      }),
    );
    await Promise.all(uploads);
    expect(most).toBeLessThanOrEqual(12);
    expect(most).toBeGreaterThan(1);
  });
});

describe('a budget of bytes', () => {
  it('lets in what has room, in the order of asking, and forgets who was aborted', async () => {
    const budget = byteBudget(10);
    const begun: string[] = [];
    const take = (name: string, bytes: number, abort = new AbortController()) => ({
      abort,
      taken: budget.take(bytes, abort.signal).then((taken) => {
        begun.push(name);
        return taken;
      }),
    });
    const first = take('first', 6);
    const large = take('large', 50);
    const small = take('small', 1);
    await delay(0);
    expect(begun).toEqual(['first']);
    large.abort.abort(new Error('time is up'));
    await expect(large.taken).rejects.toThrow('time is up');
    await small.taken;
    const last = take('last', 5);
    await delay(0);
    expect(begun).toEqual(['first', 'small']);
    (await first.taken).shrinkTo(4);
    await last.taken;
    (await first.taken).giveBack();
    expect(begun).toEqual(['first', 'small', 'last']);
  });
});
