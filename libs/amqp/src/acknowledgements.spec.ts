import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';

import type { Channel, Message } from 'amqplib';
import { describe, expect, it } from 'vitest';

import { Acknowledgements } from './acknowledgements.js';

/** Stands in for the library's channel and writes down the frames that would be sent. */
function recordingChannel(): { channel: Channel; frames: string[]; close: () => void } {
  const frames: string[] = [];
  let open = true;
  const record = (frame: string): void => {
    if (!open) throw new Error('Channel closed');
    frames.push(frame);
  };
  const channel = {
    ack: ({ fields }: Message, multiple: boolean) => record(`ack ${fields.deliveryTag}${multiple ? ' multiple' : ''}`),
    nack: ({ fields }: Message) => record(`nack ${fields.deliveryTag}`),
    reject: ({ fields }: Message) => record(`reject ${fields.deliveryTag}`),
  };
  return { channel: channel as unknown as Channel, frames, close: () => void (open = false) };
}

function received(count: number, holdMs = 0): ReturnType<typeof recordingChannel> & { acks: Acknowledgements } {
  const recording = recordingChannel();
  const acks = new Acknowledgements(recording.channel, { holdMs });
  for (let tag = 1; tag <= count; tag += 1) acks.received();
  return { ...recording, acks };
}

describe('Acknowledgements', () => {
  it('acks everything that was finished in one turn with one multiple ack', async () => {
    const { acks, frames } = received(4);
    for (const tag of [2, 1, 3]) acks.settle(tag, 'ack');
    await turn();
    expect(frames).toEqual(['ack 3 multiple']);
  });

  it('never acks past a delivery that is still open', async () => {
    const { acks, frames } = received(4);
    for (const tag of [1, 3, 4]) acks.settle(tag, 'ack');
    await turn();
    expect(frames).toEqual(['ack 1', 'ack 3', 'ack 4']);
    acks.settle(2, 'ack');
    await turn();
    expect(frames).toEqual(['ack 1', 'ack 3', 'ack 4', 'ack 2']);
  });

  it('acks over deliveries that were given back', async () => {
    const { acks, frames } = received(4);
    acks.settle(2, 'failed');
    acks.settle(3, 'unused');
    acks.settle(1, 'ack');
    acks.settle(4, 'ack');
    await turn();
    expect(frames).toEqual(['reject 2', 'nack 3', 'ack 4 multiple']);
  });

  it('holds an ack back for a while so that it may join the ones before it', async () => {
    const { acks, frames } = received(3, 5_000);
    acks.settle(2, 'ack');
    acks.settle(3, 'ack');
    await turn();
    expect(frames).toEqual([]);
    acks.settle(1, 'ack');
    await turn();
    expect(frames).toEqual(['ack 3 multiple']);
  });

  it('sends a held ack singly when the one before it takes too long', async () => {
    const { acks, frames } = received(2, 10);
    acks.settle(2, 'ack');
    await delay(40);
    expect(frames).toEqual(['ack 2']);
    acks.settle(1, 'ack');
    await turn();
    expect(frames).toEqual(['ack 2', 'ack 1']);
  });

  it('sends everything on a full flush', () => {
    const { acks, frames } = received(3, 5_000);
    acks.settle(3, 'ack');
    acks.flush(true);
    expect(frames).toEqual(['ack 3']);
  });

  it('settles each delivery once only', async () => {
    const { acks, frames } = received(2);
    acks.settle(1, 'failed');
    acks.settle(1, 'ack');
    acks.settle(2, 'ack');
    acks.settle(2, 'failed');
    await turn();
    acks.settle(2, 'ack');
    await turn();
    expect(frames).toEqual(['reject 1', 'ack 2']);
  });

  it('does nothing once its channel is gone', async () => {
    const { acks, frames, close } = received(2);
    acks.settle(1, 'ack');
    close();
    await turn();
    expect(acks.dead).toBe(true);
    acks.settle(2, 'ack');
    acks.flush(true);
    expect(frames).toEqual([]);
  });
});
