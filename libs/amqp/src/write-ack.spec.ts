import { createRequire } from 'node:module';
import { PassThrough } from 'node:stream';
import type { Channel } from 'amqplib';
import { describe, expect, it } from 'vitest';
import { ackFrame, writeAck } from './write-ack.js';

interface Definitions {
  BasicAck: number;
  encodeMethod(id: number, channel: number, fields: object): Buffer;
}
// The package exports no such path; the file is found beside the one that it does export.
const main = createRequire(import.meta.url).resolve('amqplib');
const definitions = createRequire(main)('./lib/defs.js') as Definitions;

describe('writeAck', () => {
  it.each([
    [1, 1],
    [65_535, 4_294_967_297],
  ])('writes what the library would write, for channel %i and tag %i', (channel, deliveryTag) => {
    const usual = definitions.encodeMethod(definitions.BasicAck, channel, { deliveryTag, multiple: false });
    expect(ackFrame(channel, deliveryTag)).toEqual(usual);
  });

  it('writes at once, also to a socket that gathers its writes', () => {
    const stream = new PassThrough();
    stream.cork();
    const channel = { ch: 1, connection: { stream } } as unknown as Channel;
    expect(writeAck(channel, 7)).toBe(true);
    expect(stream.read()).toEqual(ackFrame(1, 7));
    stream.destroy();
    expect(writeAck(channel, 8)).toBe(false);
  });
});
