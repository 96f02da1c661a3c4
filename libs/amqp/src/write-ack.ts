import type { Channel } from 'amqplib';
import type { Writable } from 'node:stream';

/** What the library does not declare of a channel: its number, and the socket of its connection. */
interface Wired {
  ch: number;
  connection: { stream: Writable };
}

const methodFrame = 1;
const frameEnd = 0xce;
const basicAck = { classId: 60, methodId: 80 };

/** Writes `basic.ack` for one delivery to the socket at once. False when the socket is gone. */
export function writeAck(channel: Channel, deliveryTag: number): boolean {
  const { ch, connection } = channel as unknown as Wired;
  const { stream } = connection;
  if (!stream.writable) return false;
  stream.write(ackFrame(ch, deliveryTag));
  while (stream.writableCorked > 0) stream.uncork();
  return true;
}

/** AMQP 0-9-1, 4.2.3: type, channel, size, class, method, delivery tag, multiple, end. */
export function ackFrame(channelNumber: number, deliveryTag: number): Buffer {
  const frame = Buffer.alloc(21);
  frame.writeUInt8(methodFrame, 0);
  frame.writeUInt16BE(channelNumber, 1);
  frame.writeUInt32BE(13, 3);
  frame.writeUInt16BE(basicAck.classId, 7);
  frame.writeUInt16BE(basicAck.methodId, 9);
  frame.writeBigUInt64BE(BigInt(deliveryTag), 11);
  frame.writeUInt8(frameEnd, 20);
  return frame;
}
