import { PublishError, type PublishFailure } from '@millrace/amqp';
import { describe, expect, it } from 'vitest';
import { isCertainlyLost } from './certainly-lost.js';

describe('a call that could not be published', () => {
  it.each<[PublishFailure, boolean]>([
    ['returned', true],
    ['unavailable', true],
    ['overloaded', true],
    ['tooLarge', true],
    ['refused', false],
    ['timeout', false],
    ['connectionLost', false],
    ['closed', false],
  ])('because of %s is certainly lost: %s', (reason, lost) => {
    expect(isCertainlyLost(new PublishError(reason, 'text'))).toBe(lost);
  });

  it('for an unknown reason may be held after all', () => {
    expect(isCertainlyLost(new Error('text'))).toBe(false);
  });
});
