import { setTimeout as sleep } from 'node:timers/promises';
import type { World } from './world.js';

/** What was accepted in one scenario. */
export class Accepted {
  /** Ids of requests that were answered 2xx. */
  readonly ids: string[] = [];

  /** Sends one request; resolves whether it was accepted. A connection that breaks is no answer. */
  async send(url: string, body: unknown): Promise<boolean> {
    const init = body instanceof FormData ? { body } : json(body);
    try {
      const answer = await fetch(url, { method: 'POST', ...init, signal: AbortSignal.timeout(40_000) });
      const requestId = answer.headers.get('x-millrace-request-id');
      await answer.arrayBuffer();
      if (!answer.ok || requestId === null) return false;
      this.ids.push(requestId);
      return true;
    } catch {
      return false;
    }
  }
}

const pauseMs = 25;
const atATime = 3;

/** Sends requests, some at a time, until `over`; then waits for those under way. */
export async function sendUntil(
  over: AbortSignal,
  accepted: Accepted,
  next: (number: number) => { url: string; body: unknown },
): Promise<void> {
  let number = 0;
  const sender = async (): Promise<void> => {
    while (!over.aborted) {
      const { url, body } = next((number += 1));
      await accepted.send(url, body);
      await sleep(pauseMs);
    }
  };
  await Promise.all(Array.from({ length: atATime }, sender));
}

/** Requests of a flow that differ in nothing. */
export function plainRequest(url: string): () => { url: string; body: unknown } {
  return () => ({ url, body: { some: 'thing' } });
}

/** Each with a small file. */
export function fileRequest({ flows }: World): { url: string; body: FormData } {
  const form = new FormData();
  form.set('some', 'thing');
  form.set('photo', new Blob(['bytes of a photo'], { type: 'image/png' }), 'photo.png');
  return { url: flows.plain.webhookUrl, body: form };
}

/** A call whose body ends in its second file. */
export async function sendCutForm({ flows }: World): Promise<void> {
  const part = (name: string): string =>
    `--edge\r\ncontent-disposition: form-data; name="${name}"; filename="${name}"\r\ncontent-type: image/png\r\n\r\nbytes`;
  await fetch(flows.plain.webhookUrl, {
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data; boundary=edge' },
    body: `${part('one')}\r\n${part('two')}`,
  }).catch(() => undefined);
}

function json(body: unknown): { headers: Record<string, string>; body: string } {
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
