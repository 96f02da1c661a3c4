import { z } from 'zod';
import { decodeJson, type Decoded } from './decode.js';

/** Anything → every instance, on `invalidate`: cached copies of these must go. */
export interface Invalidation {
  flowIds: string[];
  credentialIds: string[];
}

const schema = z.object({ flowIds: z.array(z.string()), credentialIds: z.array(z.string()) });

export function encodeInvalidation(message: Invalidation): Buffer {
  return Buffer.from(JSON.stringify(message));
}

export function decodeInvalidation(body: Buffer): Decoded<Invalidation> {
  return decodeJson<Invalidation>(body, schema, 'invalidation');
}
