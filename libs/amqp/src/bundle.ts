/*
 * A bundle is one message of the broker that holds several: what goes to one queue at the same moment is written, replicated,
 * confirmed, delivered and acked as one.
 *
 *   bundle = message*      message = u16 number of fields, field*      field = u32 length, bytes
 *   fields of a message: id, content type, (name, value of a header)*, body
 */
import { DELIVERY_COUNT_HEADER, type Delivery } from './delivery.js';

/** A message that may travel with others: persistent and mandatory, to a queue, its headers text. */
export interface BundledMessage {
  messageId: string;
  body: Buffer;
  contentType?: string;
  headers?: Readonly<Record<string, string>>;
}

/** The content type that tells a bundle from a message by itself. */
export const BUNDLE_CONTENT_TYPE = 'application/vnd.millrace.bundle';

const COUNT_BYTES = 2;
const LENGTH_BYTES = 4;

/** Writes messages, of which there is at least one, as the body of a bundle. */
export function encodeBundle(messages: readonly BundledMessage[]): Buffer {
  const all = messages.map(fieldsOf);
  const bundle = Buffer.allocUnsafe(all.reduce((sum, fields) => sum + sizeOf(fields), 0));
  let at = 0;
  for (const fields of all) {
    at = bundle.writeUInt16BE(fields.length, at);
    for (const field of fields) {
      const length =
        typeof field === 'string' ? bundle.write(field, at + LENGTH_BYTES) : copy(field, at + LENGTH_BYTES);
      bundle.writeUInt32BE(length, at);
      at += LENGTH_BYTES + length;
    }
  }
  return bundle;

  function copy(field: Buffer, to: number): number {
    return field.copy(bundle, to);
  }
}

/** How many bytes a message takes in a bundle. */
export function bundledBytes(message: BundledMessage): number {
  return sizeOf(fieldsOf(message));
}

/**
 * The messages of a delivery, each as if it had come by itself; their bodies share its memory, and what the headers of the whole say,
 * as of why it was parked, holds for each. A delivery that is no bundle,
 * or cannot be read as one, is its own only message: whoever handles it will say what is wrong with it.
 */
export function partsOf(delivery: Delivery): Delivery[] {
  if (delivery.contentType !== BUNDLE_CONTENT_TYPE) return [delivery];
  try {
    return decodeBundle(delivery);
  } catch (error) {
    if (error instanceof RangeError) return [delivery];
    throw error;
  }
}

/** @throws RangeError when it ends within a message, or holds none */
function decodeBundle(delivery: Delivery): Delivery[] {
  const bundle = delivery.body;
  const { [DELIVERY_COUNT_HEADER]: _, ...common } = delivery.headers;
  const parts: Delivery[] = [];
  let at = 0;
  while (at < bundle.length) {
    const fields: Buffer[] = [];
    const count = bundle.readUInt16BE(at);
    at += COUNT_BYTES;
    for (let field = 0; field < count; field += 1) {
      const begin = at + LENGTH_BYTES;
      const end = begin + bundle.readUInt32BE(at);
      if (end > bundle.length) throw new RangeError('the bundle ends within a message');
      fields.push(bundle.subarray(begin, end));
      at = end;
    }
    parts.push(partOf(delivery, common, fields));
  }
  if (parts.length === 0) throw new RangeError('the bundle is empty');
  return parts;
}

function partOf(delivery: Delivery, common: Delivery['headers'], fields: Buffer[]): Delivery {
  const [messageId, contentType] = fields;
  const body = fields.at(-1);
  if (!messageId || !contentType || !body || fields.length % 2 === 0) throw new RangeError('a message lacks fields');
  const headers: [string, string][] = [];
  for (let at = 2; at < fields.length - 1; at += 2) headers.push([String(fields[at]), String(fields[at + 1])]);
  return {
    body,
    messageId: messageId.toString(),
    // Each as its own property, whatever its name.
    headers: { ...common, ...Object.fromEntries(headers) },
    contentType: contentType.toString() || undefined,
    correlationId: undefined,
    replyTo: undefined,
    type: undefined,
    queue: delivery.queue,
    exchange: delivery.exchange,
    routingKey: delivery.routingKey,
    redelivered: delivery.redelivered,
    deliveryCount: delivery.deliveryCount,
    receivedAt: delivery.receivedAt,
  };
}

function fieldsOf({ messageId, contentType = '', headers = {}, body }: BundledMessage): (string | Buffer)[] {
  return [messageId, contentType, ...Object.entries(headers).flat(), body];
}

function sizeOf(fields: readonly (string | Buffer)[]): number {
  return fields.reduce((sum, field) => sum + LENGTH_BYTES + Buffer.byteLength(field), COUNT_BYTES);
}
