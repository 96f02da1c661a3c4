import { BUNDLE_CONTENT_TYPE, bundledBytes, encodeBundle, type BundledMessage } from './bundle.js';
import type { Publisher } from './publisher.js';

export interface BundlerOptions {
  /** A queue that is consumed with `consumeBatches`. */
  queue: string;
  /** Messages of one bundle: as many share the fate of one that ends its consumer's process. Default 50. */
  maxMessages?: number;
  /** Bytes of one bundle; a larger message travels alone. Default 256 KiB. */
  maxBytes?: number;
  /** Bound of each publish, see `Publisher.publish`. */
  timeoutMs: number;
}

export interface Bundler {
  /**
   * Publishes one message, persistent and mandatory, together with the others of this turn of the event loop: one message for the
   * broker, one confirm for all. Resolves and rejects as `Publisher.publish` does. A message that has no company is sent as it is.
   */
  publish(message: BundledMessage): Promise<void>;
}

/** Messages of one bundle at the most, unless a bundler is told otherwise. */
export const MAX_BUNDLED = 50;
const MAX_BYTES = 256 * 1024;

interface OpenBundle {
  readonly messages: BundledMessage[];
  bytes: number;
  readonly sent: Promise<void>;
  send(): void;
}

/** Sends the messages to one queue in bundles. */
export function createBundler(publisher: Publisher, options: BundlerOptions): Bundler {
  const { queue, timeoutMs, maxMessages = MAX_BUNDLED, maxBytes = MAX_BYTES } = options;
  let open: OpenBundle | undefined;

  function begin(): OpenBundle {
    const { promise: sent, resolve } = withResolver();
    const bundle: OpenBundle = {
      messages: [],
      bytes: 0,
      sent,
      send() {
        if (open === bundle) open = undefined;
        clearImmediate(turn);
        const message = { exchange: '', routingKey: queue, ...together(bundle.messages) };
        resolve(publisher.publish(message, { timeoutMs, countsFor: bundle.messages.length }));
      },
    };
    const turn = setImmediate(() => bundle.send());
    return bundle;
  }

  return {
    publish(message) {
      const bytes = bundledBytes(message);
      if (open && open.bytes + bytes > maxBytes) open.send();
      open ??= begin();
      const { sent } = open;
      open.messages.push(message);
      open.bytes += bytes;
      if (open.messages.length >= maxMessages) open.send();
      return sent;
    },
  };
}

function together(messages: BundledMessage[]): BundledMessage {
  const [first] = messages;
  if (!first) throw new Error('A bundle is begun with a message');
  if (messages.length === 1) return first;
  return { messageId: first.messageId, contentType: BUNDLE_CONTENT_TYPE, body: encodeBundle(messages) };
}

function withResolver(): { promise: Promise<void>; resolve: (value: Promise<void>) => void } {
  let resolve: (value: Promise<void>) => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
