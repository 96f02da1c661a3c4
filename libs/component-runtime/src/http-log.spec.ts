import { createMask } from '@millrace/credentials';
import { describe, expect, it } from 'vitest';
import { httpLog } from './http-log.js';
import { createStepLog } from './step-log.js';

const call = 'GET https://api.example/key-hunter2/pets';

describe('the calls in the log of a step', () => {
  it('have method, address, status and time, with secrets masked', () => {
    const log = createStepLog(createMask(['key-hunter2']), () => 7);
    const record = httpLog(log.logger);
    record({ call, status: 200, durationMs: 12 });
    record({ call, status: 503, durationMs: 13 });
    record({ call, status: undefined, durationMs: 14 });
    const masked = 'GET https://api.example/***/pets';
    expect(log.entries()).toEqual([
      { time: 7, level: 'info', message: `${masked} answered 200`, fields: { status: 200, durationMs: 12 } },
      { time: 7, level: 'info', message: `${masked} answered 503`, fields: { status: 503, durationMs: 13 } },
      { time: 7, level: 'info', message: `${masked} got no answer`, fields: { status: null, durationMs: 14 } },
    ]);
  });

  it('leave room for what the author logs, and keep those that fail', () => {
    const log = createStepLog(createMask([]));
    const record = httpLog(log.logger);
    for (let i = 0; i < 1_000; i += 1) record({ call, status: 200, durationMs: i });
    record({ call, status: 404, durationMs: 1 });
    log.logger.info('the last word');
    expect(
      log
        .entries()
        .slice(100)
        .map(({ message }) => message),
    ).toEqual(['Further calls that succeed are not logged', `${call} answered 404`, 'the last word']);
  });
});
