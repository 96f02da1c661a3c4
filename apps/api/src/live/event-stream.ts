import type { FastifyReply } from 'fastify';

/** The connection of one reader of server-sent events. */
export interface EventStream {
  /** Writes an event, or cuts the reader off who has not taken what was written before. */
  send(text: string): void;
  /** Shows proxies and the reader that the connection lives; cuts off who has taken nothing since the last time. */
  beat(): void;
  end(): void;
}

/** A reader may be behind by this much. */
const maxBehindBytes = 64 * 1024;
const reconnectAfterMs = 2_000;

/** Takes the connection of a request over. `onClose` is called once, however it ends. */
export function openEventStream(reply: FastifyReply, onClose: () => void): EventStream {
  reply.hijack();
  const { raw } = reply;
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
  raw.setHeader('content-type', 'text/event-stream; charset=utf-8');
  // nginx would gather the events otherwise.
  raw.setHeader('x-accel-buffering', 'no');
  raw.on('close', onClose);
  raw.on('error', () => undefined);
  raw.write(`retry: ${reconnectAfterMs}\n\n`);
  let wasBehind = false;

  return {
    send(text) {
      if (raw.writableLength > maxBehindBytes) raw.destroy();
      else raw.write(text);
    },
    beat() {
      const isBehind = raw.writableLength > 0;
      if (isBehind && wasBehind) raw.destroy();
      else raw.write(':\n\n');
      wasBehind = isBehind;
    },
    end() {
      raw.end();
    },
  };
}

/** An event as it goes over the wire. */
export function eventText(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
