import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endContent, measure, slices } from './content.js';
import { breakingAfter, collect, inPieces, randomBytesOf, sha256Of } from './content.fixture.js';

const sliceBytes = 64;

async function sliced(content: AsyncIterable<Buffer>): Promise<{ bytes: Buffer; last: boolean }[]> {
  const all = [];
  for await (const { bytes, last } of slices(content, sliceBytes)) all.push({ bytes: Buffer.from(bytes), last });
  return all;
}

describe('cutting content anew', () => {
  it('gives full slices and a last one, whatever pieces come in', async () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 3 * sliceBytes }), { maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(sizes, async (pieces) => {
        const sent = pieces.map(randomBytesOf);
        const all = await sliced(Readable.from(sent));
        expect(Buffer.concat(all.map(({ bytes }) => bytes)).equals(Buffer.concat(sent))).toBe(true);
        expect(all.map(({ last }) => last)).toEqual(all.map((_, index) => index === all.length - 1));
        expect(all.slice(0, -1).every(({ bytes }) => bytes.length === sliceBytes)).toBe(true);
        expect(all.length > 1 && all.at(-1)?.bytes.length === 0).toBe(false);
      }),
    );
  });

  it('gives no last slice of content that fails', async () => {
    const all: boolean[] = [];
    const cutting = (async () => {
      for await (const { last } of slices(breakingAfter(randomBytesOf(200), new Error('gone')), sliceBytes))
        all.push(last);
    })();
    await expect(cutting).rejects.toThrow('gone');
    expect(all).toEqual([false, false, false]);
  });
});

describe('measuring content', () => {
  it('gives size and hash of what passed', async () => {
    const sent = randomBytesOf(1_000);
    const passing = measure(inPieces(sent, [0, 7]));
    expect((await collect(passing.bytes())).equals(sent)).toBe(true);
    const { sizeBytes, sha256 } = passing.measured();
    expect(sizeBytes).toBe(1_000);
    expect(sha256.toString('hex')).toBe(sha256Of(sent));
  });

  it('keeps what the content failed with apart from what its reader failed with', async () => {
    const gone = new Error('gone');
    const failing = measure(breakingAfter(randomBytesOf(10), gone));
    await expect(collect(failing.bytes())).rejects.toBe(gone);
    expect(failing.failure).toEqual({ error: gone });

    const whole = measure(inPieces(randomBytesOf(10)));
    const iterator = whole.bytes();
    await iterator.next();
    await expect(iterator.throw(new Error('the reader failed'))).rejects.toThrow('the reader failed');
    expect(whole.failure).toBeUndefined();
  });

  it('ends the content when its reader stops', async () => {
    const stream = Readable.from([randomBytesOf(10), randomBytesOf(10)]);
    for await (const _ of measure(stream).bytes()) break;
    expect(stream.destroyed).toBe(true);
  });
});

it('ends content that nobody began to read', async () => {
  const stream = Readable.from([randomBytesOf(10)]);
  await endContent(stream);
  expect(stream.destroyed).toBe(true);

  const generator = inPieces(randomBytesOf(10));
  await endContent(generator);
  expect((await generator.next()).done).toBe(true);
});
