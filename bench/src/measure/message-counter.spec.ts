import { describe, expect, it } from 'vitest';
import { PublishCounter } from './message-counter.js';

const header = Buffer.from('AMQP\0\0\x09\x01', 'latin1');

function frame(type: number, payload: Buffer): Buffer {
  const start = Buffer.alloc(7);
  start.writeUInt8(type, 0);
  start.writeUInt16BE(1, 1);
  start.writeUInt32BE(payload.length, 3);
  return Buffer.concat([start, payload, Buffer.from([0xce])]);
}

function method(classId: number, methodId: number, rest = 'arguments'): Buffer {
  const ids = Buffer.alloc(4);
  ids.writeUInt16BE(classId, 0);
  ids.writeUInt16BE(methodId, 2);
  return frame(1, Buffer.concat([ids, Buffer.from(rest)]));
}

const publish = Buffer.concat([method(60, 40), frame(2, Buffer.alloc(20)), frame(3, Buffer.alloc(1024, 0x01))]);
const ack = method(60, 80);
const heartbeat = frame(8, Buffer.alloc(0));
const stream = Buffer.concat([header, method(10, 11), publish, ack, heartbeat, publish, publish, heartbeat, ack]);

describe('the counter of publishes', () => {
  it('counts publishes and nothing else', () => {
    const counter = new PublishCounter();
    counter.take(stream);
    expect(counter.count).toBe(3);
  });

  it.each([1, 2, 7, 100])('counts the same when the stream comes in pieces of %i bytes', (size) => {
    const counter = new PublishCounter();
    for (let at = 0; at < stream.length; at += size) counter.take(stream.subarray(at, at + size));
    expect(counter.count).toBe(3);
  });
});
