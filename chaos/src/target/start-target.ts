import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import type { Random } from '../random.js';
import { type Effects, countEffects, petKey } from './effects.js';
import { type Mood, treatmentOf } from './mood.js';

const slowMs = 1_500;

/** What steps call: takes effects, counts them, and is not always well. Before the sandbox it stands as a relay. */
export interface Target {
  readonly url: string;
  readonly effects: Effects;
  /** How it treats callers from now on; `undefined` is well. */
  mood: Mood | undefined;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body: string;
}

/** Starts the target in this process. @param sandboxUrl where `/petstore` goes on to */
export async function startTarget(options: { sandboxUrl: string; port: number; random: Random }): Promise<Target> {
  const { sandboxUrl, random } = options;
  const effects = countEffects();
  const refusals = new Map<string, number>();
  let mood: Mood | undefined;

  async function act(path: string, call: IncomingMessage, body: Buffer): Promise<Answer> {
    if (path.startsWith('/petstore/')) return relay(path, call, body);
    if (path !== '/effects') return { status: 404, body: '{}' };
    const key = String(call.headers['idempotency-key']);
    const { value, failures = 0, refused = false } = JSON.parse(body.toString()) as EffectCall;
    if (refused) return { status: 400, body: '{"message":"refused for good"}' };
    const before = refusals.get(key) ?? 0;
    if (before < failures) {
      refusals.set(key, before + 1);
      return { status: 500, body: '{"message":"fails at first"}' };
    }
    effects.add(key, value);
    return { status: 200, body: '{}' };
  }

  async function relay(path: string, call: IncomingMessage, body: Buffer): Promise<Answer> {
    const key = call.headers['api-key'];
    const answer = await request(`${sandboxUrl}${path}`, {
      method: call.method === 'POST' ? 'POST' : 'GET',
      headers: {
        ...(typeof key === 'string' ? { 'api-key': key } : {}),
        ...(body.length === 0 ? {} : { 'content-type': 'application/json' }),
      },
      body: body.length === 0 ? null : body,
    });
    const text = await answer.body.text();
    if (answer.statusCode === 201) {
      const { name } = JSON.parse(text) as { name: string };
      effects.add(petKey(name), name);
    }
    return { status: answer.statusCode, body: text };
  }

  async function handle(call: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of call) chunks.push(chunk as Buffer);
    const path = call.url ?? '/';
    const treatment = call.method === 'POST' ? treatmentOf(mood, random) : 'well';
    switch (treatment) {
      case 'unavailable':
        return send(response, { status: 503, body: '{"message":"away"}' });
      case 'busy':
        return send(response, { status: 429, headers: { 'retry-after': '1' }, body: '{"message":"busy"}' });
      case 'silent':
        return;
      case 'answerLost':
        await act(path, call, Buffer.concat(chunks));
        response.destroy();
        return;
      case 'slow':
        await sleep(slowMs);
        return send(response, await act(path, call, Buffer.concat(chunks)));
      case 'well':
        return send(response, await act(path, call, Buffer.concat(chunks)));
    }
  }

  // A caller that was killed in the middle of its call is nothing to tell of.
  const server = createServer((call, response) => void handle(call, response).catch(() => response.destroy()));
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${options.port}`,
    effects,
    get mood() {
      return mood;
    },
    set mood(next) {
      mood = next;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

interface EffectCall {
  readonly value?: unknown;
  readonly failures?: number;
  readonly refused?: boolean;
}

function send(response: ServerResponse, { status, headers = {}, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(body);
}
