import { describe, expect, it } from 'vitest';
import { freeBytes } from './free-bytes.js';

describe('a buffer that is freed', () => {
  it('is empty from then on, and its memory is given back without a collection', () => {
    const before = process.memoryUsage().arrayBuffers;
    // Young buffers are collected from 32 MiB on.
    for (let count = 0; count < 200; count += 1) {
      const bytes = Buffer.allocUnsafeSlow(100_000);
      freeBytes(bytes);
      expect(bytes).toHaveLength(0);
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2_000_000);
  });

  it('stays when it is a part of what others may have, or not worth it', () => {
    const part = Buffer.allocUnsafeSlow(100_000).subarray(1);
    const shared = Buffer.from(new SharedArrayBuffer(100_000));
    const small = Buffer.allocUnsafeSlow(10);
    [part, shared, small].forEach(freeBytes);
    expect([part, shared, small].map(({ length }) => length)).toEqual([99_999, 100_000, 10]);
  });
});
