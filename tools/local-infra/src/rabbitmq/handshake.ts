import { connect } from 'node:net';

const protocolHeader = Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1]);
const frameHeaderBytes = 7;

/**
 * Whether a broker answers an AMQP 0-9-1 protocol header on the port with Connection.Start. The answer holds the cluster
 * name, which names the node: with `nodeName` given, a strange broker on the port does not count.
 */
export function answersAmqp(port: number, nodeName: string | undefined, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let received = Buffer.alloc(0);
    const finish = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeoutMs, () => finish(false));
    socket.once('error', () => finish(false));
    socket.once('close', () => finish(false));
    socket.once('connect', () => socket.write(protocolHeader));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      const verdict = readConnectionStart(received, nodeName);
      if (verdict !== undefined) finish(verdict);
    });
  });
}

/** Undefined while the frame is incomplete. */
export function readConnectionStart(received: Buffer, nodeName: string | undefined): boolean | undefined {
  if (received.length < frameHeaderBytes) return undefined;
  const end = frameHeaderBytes + received.readUInt32BE(3) + 1;
  if (received[0] !== 1) return false;
  if (received.length < end) return undefined;
  const payload = received.subarray(frameHeaderBytes, end - 1);
  const isConnectionStart = payload.readUInt16BE(0) === 10 && payload.readUInt16BE(2) === 10;
  return isConnectionStart && (nodeName === undefined || payload.includes(nodeName));
}

/** Whether an HTTP server answers on the port, be it with a refusal. */
export async function answersHttp(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/api/overview`).then(
    async (response) => {
      await response.body?.cancel();
      return true;
    },
    () => false,
  );
}
