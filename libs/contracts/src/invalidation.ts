import { z } from 'zod';
import { decodeJson, type Decoded } from './decode.js';

/**
 * Anything → every instance, on `invalidate`: cached copies of these must go. A message with a reply-to asks each instance
 * to say so there once they are gone; one that names nothing only asks who is there.
 */
export interface Invalidation {
  flowIds: string[];
  credentialIds: string[];
}

/** Copies of flows and credentials are used for this long without asking again, where nothing was heard of a change. */
export const copiesAreUsedForMs = 10_000;

/** The same for an instance that cannot hear of changes at present. */
export const deafKeepForMs = 100;

/** The AMQP types of what instances say of themselves, with the name of the queue on which they listen as header `instance`. */
export const instanceSays = {
  /** On `invalidate`, after it has begun to listen: it has forgotten everything, and will answer from now on. */
  hello: 'instance.hello',
  /** To the reply-to of an invalidation, with its message id as correlation id. */
  heard: 'instance.heard',
} as const;

const schema = z.object({ flowIds: z.array(z.string()), credentialIds: z.array(z.string()) });

export function encodeInvalidation(message: Invalidation): Buffer {
  return Buffer.from(JSON.stringify(message));
}

export function decodeInvalidation(body: Buffer): Decoded<Invalidation> {
  return decodeJson<Invalidation>(body, schema, 'invalidation');
}
