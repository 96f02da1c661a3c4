import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { eventually } from '@millrace/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { useWebhooksService } from '../webhooks-service.fixture.js';

const maxBodyBytes = 4_000_000;
// A workspace has half of it.
const hooks = useWebhooksService({
  env: { MAX_BODY_BYTES: String(maxBodyBytes), MAX_HELD_BODY_BYTES: '40000000' },
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let sockets: Socket[] = [];
afterEach(() => {
  sockets.forEach((socket) => socket.destroy());
  sockets = [];
});

/** A call whose body stops after `bytes`; resolves what is answered, if anything is. */
function stalled(flowId: string, contentType: string, bytes: number): { said: string } {
  const heard = { said: '' };
  const socket = connect(hooks.port, '127.0.0.1');
  sockets.push(socket);
  socket.on('data', (chunk) => (heard.said += chunk.toString('latin1'))).on('error', () => undefined);
  socket.write(
    `POST /hook/${flowId} HTTP/1.1\r\nhost: x\r\ncontent-type: ${contentType}\r\ncontent-length: ${maxBodyBytes}\r\n\r\n`,
  );
  socket.write(Buffer.alloc(bytes, ' '));
  return heard;
}

const countOf = (heard: { said: string }[], status: number): number =>
  heard.filter(({ said }) => said.startsWith(`HTTP/1.1 ${status}`)).length;

describe('the memory for bodies', () => {
  it('is not exceeded by 100 small compressed bodies at a time that become large', async () => {
    const flows = await Promise.all([1, 2, 3, 4].map(() => hooks.seed()));
    // No JSON from its first byte on: read, and refused before it costs the broker anything.
    const plain = Buffer.concat([Buffer.from('x'), randomBytes(60_000), Buffer.alloc(maxBodyBytes - 100_000)]);
    const bomb = gzipSync(plain);
    const baseBytes = process.memoryUsage().arrayBuffers;
    let peakBytes = 0;
    const watch = setInterval(() => (peakBytes = Math.max(peakBytes, process.memoryUsage().arrayBuffers)), 5);
    const calls = Array.from({ length: 100 }, async (_, call) => {
      const { flowId } = flows[call % flows.length]!;
      return (await hooks.post(flowId, bomb, { 'content-encoding': 'gzip' })).status;
    });
    const statuses = await Promise.all(calls);
    clearInterval(watch);
    expect(statuses).toContain(400);
    expect(statuses.filter((status) => status === 503 || status === 429).length).toBeGreaterThan(20);
    expect([...new Set(statuses)].filter((status) => ![400, 429, 503].includes(status))).toEqual([]);
    // What is counted, twice while pieces are joined, the calls as sent, and what awaits the garbage collector.
    expect(peakBytes - baseBytes).toBeLessThan(200_000_000);
    // All of it was given back.
    for (let call = 0; call < 10; call += 1) {
      expect((await hooks.post(flows[0]!.flowId, bomb, { 'content-encoding': 'gzip' })).status).toBe(400);
    }
  });

  it('is given back while callers wait for the answers of their runs', async () => {
    const flow = await hooks.seed({ replies: true, config: { replyTimeoutSeconds: 5 } });
    const large = JSON.stringify({ text: 'x'.repeat(3_900_000) });
    const waiting = [];
    for (let caller = 1; caller <= 8; caller += 1) {
      waiting.push(hooks.post(flow.flowId, large));
      await hooks.triggers(caller);
    }
    expect(new Set((await Promise.all(waiting)).map(({ status }) => status))).toEqual(new Set([504]));
  });

  it('is free while callers wait: nothing that waits refers to a body', async () => {
    const flow = await hooks.seed({ replies: true, config: { replyTimeoutSeconds: 30 } });
    const body = Buffer.alloc(maxBodyBytes, ' ');
    body.write('{}');
    const usedBytes = (): number => {
      collectGarbage();
      return process.memoryUsage().arrayBuffers;
    };
    const baseBytes = usedBytes();
    for (let caller = 1; caller <= 8; caller += 1) {
      stalled(flow.flowId, 'application/json', 0);
      sockets.at(-1)?.write(body);
      await hooks.triggers(caller);
    }
    hooks.received.length = 0;
    await eventually(() => expect(usedBytes() - baseBytes).toBeLessThan(2 * maxBodyBytes), { timeoutMs: 5_000 });
  });

  it('has a share for each workspace, whose bodies are answered 429 beyond it and those of others taken', async () => {
    const [slow, other] = [await hooks.seed(), await hooks.seed()];
    const heard = Array.from({ length: 7 }, () => stalled(slow.flowId, 'application/json', maxBodyBytes - 10));
    await eventually(() => expect(countOf(heard, 429)).toBeGreaterThanOrEqual(2), { timeoutMs: 5_000 });
    expect(countOf(heard, 503)).toBe(0);
    const large = JSON.stringify({ text: 'x'.repeat(3_900_000) });
    expect((await hooks.post(other.flowId, large)).status).toBe(200);
  });

  it('counts what of 100 files at a time waits to be stored', async () => {
    const [slow, other] = [await hooks.seed(), await hooks.seed()];
    const heard = Array.from({ length: 100 }, () => stalled(slow.flowId, 'image/png', 300_000));
    await eventually(() => expect(countOf(heard, 429)).toBeGreaterThanOrEqual(30), { timeoutMs: 10_000 });
    const file = await hooks.post(other.flowId, randomBytes(1_000_000), { 'content-type': 'image/png' });
    expect(file.status).toBe(200);
  });

  it('counts the fields of 40 forms at a time', async () => {
    const slow = await hooks.seed();
    const field = `content-disposition: form-data; name="f"\r\n\r\n${'x'.repeat(900_000)}\r\n--b\r\n`;
    const body = Buffer.from(`--b\r\n${field}${field}${field}${field}${'x'.repeat(900_000)}`);
    const heard = Array.from({ length: 40 }, () => {
      const one = stalled(slow.flowId, 'multipart/form-data; boundary=b', 0);
      sockets.at(-1)?.write(body);
      return one;
    });
    // Five or so have room; did only what waits to be stored count, all would.
    await eventually(() => expect(countOf(heard, 429)).toBeGreaterThanOrEqual(25), { timeoutMs: 20_000 });
  });
});
