import { describe, expect, it } from 'vitest';
import { readConnectionStart } from './handshake.js';

/** A frame of Connection.Start with the given server properties. */
function connectionStart(properties: string): Buffer {
  const payload = Buffer.concat([Buffer.from([0, 10, 0, 10, 0, 9]), Buffer.from(properties)]);
  const head = Buffer.from([1, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(payload.length, 3);
  return Buffer.concat([head, payload, Buffer.from([0xce])]);
}

describe('readConnectionStart', () => {
  it('knows a broker by the node in its properties', () => {
    const frame = connectionStart('cluster_name=millrace-1@host');
    expect(readConnectionStart(frame, 'millrace-1')).toBe(true);
    expect(readConnectionStart(frame, 'millrace-2')).toBe(false);
    expect(readConnectionStart(frame, undefined)).toBe(true);
  });

  it('waits for the whole frame', () => {
    const frame = connectionStart('millrace-1');
    for (let length = 0; length < frame.length; length += 1) {
      expect(readConnectionStart(frame.subarray(0, length), 'millrace-1')).toBeUndefined();
    }
  });

  it('takes any other answer for no broker', () => {
    expect(readConnectionStart(Buffer.from('HTTP/1.1 400 Bad Request'), undefined)).toBe(false);
    expect(readConnectionStart(Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1]), undefined)).toBe(false);
  });
});
