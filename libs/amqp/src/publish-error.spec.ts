import { describe, expect, it } from 'vitest';

import { PublishError, type PublishFailure } from './publish-error.js';

describe('PublishError', () => {
  it.each<[PublishFailure, boolean]>([
    ['returned', true],
    ['refused', true],
    ['timeout', true],
    ['connectionLost', true],
    ['unavailable', true],
    ['overloaded', true],
    ['tooLarge', false],
    ['closed', false],
  ])('of reason %s is retryable: %s', (reason, retryable) => {
    expect(new PublishError(reason, 'text').retryable).toBe(retryable);
  });
});
