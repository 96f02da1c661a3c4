import { describe, expect, it } from 'vitest';
import { createMask } from '@millrace/credentials';
import { createStepLog } from './step-log.js';

describe('the log of a step', () => {
  it('keeps level, time, message and fields, with secrets masked', () => {
    const log = createStepLog(createMask(['hunter2']), () => 7);
    log.logger.info('sent hunter2', { key: 'hunter2', count: 1 });
    log.logger.error('failed');
    expect(log.entries()).toEqual([
      { time: 7, level: 'info', message: 'sent ***', fields: { key: '***', count: 1 } },
      { time: 7, level: 'error', message: 'failed' },
    ]);
  });

  it('is bounded in entries and tells how many were left out', () => {
    const log = createStepLog(createMask([]));
    for (let i = 0; i < 1_000; i += 1) log.logger.debug(`entry ${i}`);
    expect(log.entries()).toHaveLength(201);
    expect(log.entries().at(-1)).toMatchObject({ level: 'warn', message: '800 further entries were left out' });
  });

  it('is bounded in size, as a whole and per entry', () => {
    const log = createStepLog(createMask([]));
    for (let i = 0; i < 100; i += 1) log.logger.info('x'.repeat(10_000), { big: 'x'.repeat(10_000) });
    expect(JSON.stringify(log.entries()).length).toBeLessThan(80_000);
    expect(log.entries()[0]).toMatchObject({ fields: '[too large]' });
  });

  it('survives fields that are no JSON and characters that cannot be stored', () => {
    const log = createStepLog(createMask([]));
    log.logger.info('a\u0000b', { f: (() => 1) as never });
    log.logger.info('c', { text: 'd\u0000e' });
    expect(log.entries()).toMatchObject([
      { message: 'ab', fields: '[not JSON: a function]' },
      { message: 'c', fields: { text: 'de' } },
    ]);
  });
});
