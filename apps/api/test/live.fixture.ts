import { once } from 'node:events';
import { get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { eventually } from '@millrace/testing';
import { expect } from 'vitest';
import type { TestApi, TestUser } from './api.fixture.js';

export interface HeardEvent {
  name: string;
  data: Record<string, unknown>;
}

/** A reader of `/v1/live` who keeps what came. */
export interface TestReader {
  readonly heard: HeardEvent[];
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The text that is no event, such as heartbeats. */
  readonly raw: () => string;
  readonly ended: () => boolean;
  /** Forgets what came and returns it. */
  take(): HeardEvent[];
  close(): void;
}

const open = new Set<TestReader>();

/** Connects, and waits for the first event unless the answer is a refusal. */
export async function readLive(test: TestApi, user: TestUser, query = ''): Promise<TestReader> {
  const asked = get(`http://127.0.0.1:${test.api.port}/v1/live${query}`, {
    headers: { authorization: `Bearer ${user.token}` },
    agent: false,
  });
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const status = answer.statusCode ?? 0;
  let heard: HeardEvent[] = [];
  let text = '';
  let all = '';
  let ended = false;
  answer.setEncoding('utf8');
  answer.on('data', (piece: string) => {
    all += piece;
    text += piece;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const found = /^event: (.*)\ndata: (.*)$/.exec(block);
      if (found) heard.push({ name: found[1] ?? '', data: JSON.parse(found[2] ?? '') as Record<string, unknown> });
    }
  });
  answer.on('close', () => (ended = true));
  answer.on('error', () => undefined);
  const reader: TestReader = {
    get heard() {
      return heard;
    },
    status,
    headers: answer.headers,
    raw: () => all,
    ended: () => ended,
    take() {
      const taken = heard;
      heard = [];
      return taken;
    },
    close() {
      open.delete(reader);
      asked.destroy();
    },
  };
  open.add(reader);
  if (status === 200) await eventually(() => expect(reader.take()[0]).toEqual({ name: 'ready', data: {} }));
  return reader;
}

/** Closes all readers that are open. */
export function closeReaders(): void {
  for (const reader of open) reader.close();
}
