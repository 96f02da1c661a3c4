import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { BUNDLE_CONTENT_TYPE, bundledBytes, encodeBundle, partsOf, type BundledMessage } from './bundle.js';
import type { Delivery } from './delivery.js';

const bundled: fc.Arbitrary<BundledMessage> = fc.record({
  messageId: fc.string({ unit: 'grapheme' }),
  body: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  contentType: fc.constantFrom('application/json', 'text/plain'),
  headers: fc.dictionary(fc.string({ minLength: 1 }), fc.string({ unit: 'grapheme' }), { noNullPrototype: true }),
});

function delivery(body: Buffer, contentType: string): Delivery {
  return {
    body,
    contentType,
    messageId: 'first',
    headers: { 'x-delivery-count': 1 },
    correlationId: undefined,
    replyTo: undefined,
    type: undefined,
    queue: 'work',
    exchange: '',
    routingKey: 'work',
    redelivered: true,
    deliveryCount: 1,
    receivedAt: 7,
  };
}

const plain = { messageId: 'm', body: Buffer.from('1'), contentType: 'text/plain' };

describe('bundles', () => {
  it('give back every message as it went in, with the deliveries of the whole', () => {
    fc.assert(
      fc.property(fc.array(bundled, { minLength: 1, maxLength: 20 }), (messages) => {
        const body = encodeBundle(messages);
        expect(body).toHaveLength(messages.reduce((sum, message) => sum + bundledBytes(message), 0));
        const parts = partsOf(delivery(body, BUNDLE_CONTENT_TYPE));
        expect(
          parts.map((part) => ({
            messageId: part.messageId,
            body: Buffer.from(part.body),
            contentType: part.contentType,
            headers: part.headers,
          })),
        ).toEqual(messages);
        for (const part of parts) expect(part).toMatchObject({ queue: 'work', redelivered: true, deliveryCount: 1 });
      }),
      { examples: [[[{ ...plain, headers: Object.fromEntries([['__proto__', 'text']]) }]]] },
    );
  });

  it('hand on what is said of the whole, as why it was parked', () => {
    const body = encodeBundle([plain, { ...plain, headers: { own: 'text' } }]);
    const whole = { ...delivery(body, BUNDLE_CONTENT_TYPE), headers: { 'x-delivery-count': 3, reason: 'refused' } };
    expect(partsOf(whole).map(({ headers }) => headers)).toEqual([
      { reason: 'refused' },
      { reason: 'refused', own: 'text' },
    ]);
  });

  it('leave a message that is none as it is', () => {
    const single = delivery(Buffer.from('{}'), 'application/json');
    expect(partsOf(single)).toEqual([single]);
  });

  it('that are cut anywhere, or hold something else, stay whole for the handler to refuse', () => {
    const body = encodeBundle([
      { messageId: 'a', body: Buffer.from('1'), headers: { workspaceId: 'w' } },
      { messageId: 'b', body: Buffer.from('2') },
    ]);
    const firstEndsAt = bundledBytes({ messageId: 'a', body: Buffer.from('1'), headers: { workspaceId: 'w' } });
    for (let length = 0; length < body.length; length += 1) {
      if (length === firstEndsAt) continue;
      const cut = delivery(body.subarray(0, length), BUNDLE_CONTENT_TYPE);
      expect(partsOf(cut), `cut at ${length}`).toEqual([cut]);
    }
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
        expect(() => partsOf(delivery(Buffer.from(bytes), BUNDLE_CONTENT_TYPE))).not.toThrow();
      }),
    );
  });
});
