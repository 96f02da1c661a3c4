import { describe, expect, it } from 'vitest';

import { createLogger, maskUrl, REDACTED, type Logger, type LogLevel } from './index.js';

function recordingLogger(level?: LogLevel): {
  logger: Logger;
  text: () => string;
  lines: () => Record<string, unknown>[];
} {
  const written: string[] = [];
  const logger = createLogger({ service: 'spec', level, destination: { write: (line) => void written.push(line) } });
  return {
    logger,
    text: () => written.join(''),
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

describe('createLogger', () => {
  it('writes one JSON object per line with service, level by name, time and message', () => {
    const { logger, lines } = recordingLogger();
    logger.info({ runId: 'r1' }, 'run finished');
    expect(lines()).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
        service: 'spec',
        pid: process.pid,
        runId: 'r1',
        msg: 'run finished',
      },
    ]);
  });

  it('writes nothing when the level is silent', () => {
    const { logger, text } = recordingLogger('silent');
    logger.fatal('lost');
    expect(text()).toBe('');
  });

  it('adds the fields of a child to each of its lines and redacts them too', () => {
    const { logger, lines } = recordingLogger();
    logger.child({ component: 'petstore', apiKey: 'k-123' }).warn('slow');
    expect(lines()[0]).toMatchObject({ component: 'petstore', apiKey: REDACTED, msg: 'slow' });
  });

  it('redacts secret keys at every depth and in every spelling', () => {
    const { logger, text, lines } = recordingLogger();
    logger.info(
      {
        password: 'hunter2',
        headers: { Authorization: 'Basic hunter2', 'set-cookie': ['hunter2'], 'x-api-key': 'hunter2', accept: '*/*' },
        a: { b: { c: [{ clientSecret: 'hunter2', access_token: 'hunter2', credential: { user: 'hunter2' } }] } },
        credentialId: 'c1',
        tokenCount: 3,
      },
      'call',
    );
    expect(text()).not.toContain('hunter2');
    expect(lines()[0]).toMatchObject({ headers: { accept: '*/*' }, credentialId: 'c1', tokenCount: 3 });
  });

  it('shows an error with code and causes and nothing else that hangs on it', () => {
    const { logger, lines, text } = recordingLogger();
    const cause = Object.assign(new Error('connect ECONNREFUSED'), {
      code: 'ECONNREFUSED',
      request: { body: 'private' },
    });
    logger.error({ err: new Error('publish failed', { cause }) }, 'no broker');
    expect(lines()[0]).toMatchObject({
      err: {
        type: 'Error',
        message: 'publish failed',
        stack: expect.stringContaining('logger.spec') as string,
        cause: { message: 'connect ECONNREFUSED', code: 'ECONNREFUSED' },
      },
      msg: 'no broker',
    });
    expect(text()).not.toContain('private');
  });

  it('masks credentials of URLs in fields, in the sentence and in errors', () => {
    const { logger, text } = recordingLogger();
    logger.info({ url: 'amqp://u:pw9@host/v', target: new URL('https://u:pw9@host/') }, 'open amqp://u:pw9@host');
    logger.error({ err: new Error('cannot reach amqps://u:pw9@host:5671') }, 'lost');
    expect(text()).not.toContain('pw9');
    expect(text()).toContain('amqps://***@host:5671');
  });

  it('shows the length of a payload instead of its bytes and survives cyclic objects', () => {
    const { logger, lines } = recordingLogger();
    const cyclic: Record<string, unknown> = { name: 'loop' };
    cyclic['self'] = cyclic;
    logger.info({ body: Buffer.from('secret words'), cyclic }, 'odd');
    expect(lines()[0]).toMatchObject({ body: '[12 bytes]', cyclic: { name: 'loop' } });
  });
});

describe('maskUrl', () => {
  it('leaves texts without credentials alone', () => {
    expect(maskUrl('mail a@b.example about http://host/a@b')).toBe('mail a@b.example about http://host/a@b');
  });

  it('masks a password that holds an unescaped at sign', () => {
    expect(maskUrl('postgres://app:p@ss@db:5432/main?x=1')).toBe('postgres://***@db:5432/main?x=1');
  });

  it('is quick on long words', () => {
    const word = `${'a'.repeat(200_000)}@`;
    expect(maskUrl(word)).toBe(word);
  });
});
