import fc from 'fast-check';
import type { AttachmentId } from '@millrace/contracts';
import { eventually } from '@millrace/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AttachmentBytes } from './attachment-bytes.js';
import { AttachmentStoreError } from './attachment-store-error.js';
import { breakingAfter, collect, inPieces, randomBytesOf, sha256Of } from './content.fixture.js';

export interface DriverUnderTest {
  bytes: AttachmentBytes;
  /** An id that bytes may be written for. */
  newId(): Promise<AttachmentId>;
  close(): Promise<void>;
}

const chunkBytes = 262_144;
const mebibyte = 1024 * 1024;

/** What every driver must do; call it at the top of a spec file, once for each. */
export function describeAttachmentBytes(name: string, makeDriver: () => Promise<DriverUnderTest>): void {
  describe(`bytes of attachments in ${name}`, () => {
    let driver: DriverUnderTest;
    beforeAll(async () => {
      driver = await makeDriver();
    });
    afterAll(() => driver?.close());

    async function write(content: AsyncIterable<Buffer>): Promise<AttachmentId> {
      const id = await driver.newId();
      await driver.bytes.write(id, content);
      return id;
    }
    async function expectMissing(id: AttachmentId): Promise<void> {
      const reading = driver.bytes.read(id);
      await expect(reading).rejects.toBeInstanceOf(AttachmentStoreError);
      await expect(reading).rejects.toMatchObject({ fault: 'missing' });
    }

    it.each([0, 1, chunkBytes - 1, chunkBytes, chunkBytes + 1, 2 * chunkBytes, 5 * mebibyte, 11 * mebibyte])(
      'gives back the exact %i bytes, with size and hash of them',
      async (sizeBytes) => {
        const sent = randomBytesOf(sizeBytes);
        const id = await driver.newId();
        const written = await driver.bytes.write(id, inPieces(sent));
        expect({ ...written, sha256: written.sha256.toString('hex') }).toEqual({ sizeBytes, sha256: sha256Of(sent) });
        expect(sha256Of(await collect(await driver.bytes.read(id)))).toBe(sha256Of(sent));
      },
    );

    it('gives back the exact bytes in whatever pieces they came', async () => {
      const sizes = fc.array(fc.integer({ min: 0, max: 3 * chunkBytes }), { minLength: 1, maxLength: 12 });
      await fc.assert(
        fc.asyncProperty(sizes, async (pieces) => {
          const sent = pieces.map(randomBytesOf);
          const id = await write(asIterable(sent));
          expect(sha256Of(await collect(await driver.bytes.read(id)))).toBe(sha256Of(Buffer.concat(sent)));
        }),
        { numRuns: 12 },
      );
    });

    it('gives back ranges', async () => {
      const sent = randomBytesOf(6 * mebibyte);
      const id = await write(inPieces(sent));
      const last = sent.length - 1;
      for (const [from, to] of [
        [0, 0],
        [0, last],
        [last, last],
        [chunkBytes - 1, chunkBytes],
        [chunkBytes, 3 * chunkBytes - 1],
        [5 * mebibyte - 7, 5 * mebibyte + 7],
      ] as const) {
        const range = await collect(await driver.bytes.read(id, { from, to }));
        expect(range.equals(sent.subarray(from, to + 1)), `${from}-${to}`).toBe(true);
      }
    });

    it.each([0, 1, 2 * chunkBytes, 6 * mebibyte])(
      'leaves nothing readable of content that fails after %i bytes, and rejects with its failure',
      async (sizeBytes) => {
        const gone = new Error('the sender went away');
        const id = await driver.newId();
        await expect(driver.bytes.write(id, breakingAfter(randomBytesOf(sizeBytes), gone))).rejects.toBe(gone);
        await expectMissing(id);
      },
    );

    it('gives nothing to read while content still comes in', async () => {
      const id = await driver.newId();
      let seen: unknown;
      async function* watched(): AsyncGenerator<Buffer> {
        yield randomBytesOf(6 * mebibyte);
        seen = await driver.bytes.read(id).catch((error: unknown) => error);
        yield randomBytesOf(1);
      }
      await driver.bytes.write(id, watched());
      expect(seen).toMatchObject({ fault: 'missing' });
      expect(await collect(await driver.bytes.read(id))).toHaveLength(6 * mebibyte + 1);
    });

    it('keeps many at once apart', async () => {
      const sent = Array.from({ length: 24 }, (_, index) => randomBytesOf(index * 31_337));
      const ids = await Promise.all(sent.map((bytes) => write(inPieces(bytes, [10_007, 1]))));
      const hashes = await Promise.all(ids.map(async (id) => sha256Of(await collect(await driver.bytes.read(id)))));
      expect(hashes).toEqual(sent.map(sha256Of));
    });

    it('reads nothing after removal, which is safe to repeat', async () => {
      const id = await write(inPieces(randomBytesOf(chunkBytes + 1)));
      await driver.bytes.remove(id);
      await expectMissing(id);
      await driver.bytes.remove(id);
    });

    it('reads and removes what was never there', async () => {
      const id = await driver.newId();
      await expectMissing(id);
      await driver.bytes.remove(id);
    });

    it('can be left in the middle of reading', async () => {
      const id = await write(inPieces(randomBytesOf(6 * mebibyte)));
      const content = await driver.bytes.read(id);
      for await (const piece of content) {
        expect((piece as Buffer).length).toBeGreaterThan(0);
        break;
      }
      await eventually(() => expect(content.destroyed).toBe(true));
    });
  });
}

async function* asIterable(pieces: readonly Buffer[]): AsyncGenerator<Buffer> {
  for (const piece of pieces) yield piece;
}
