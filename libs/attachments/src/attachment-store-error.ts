/**
 * `missing`: the bytes are not there. `unavailable`: the place does not answer or refuses; the same may succeed later.
 * `notConfigured`: this process was not told of the place. `removed`: the attachment was taken away meanwhile.
 */
export type AttachmentStoreFault = 'missing' | 'unavailable' | 'notConfigured' | 'removed';

/** An attachment cannot be stored or read. The message names the place and the remedy, and holds no secret. */
export class AttachmentStoreError extends Error {
  override readonly name = 'AttachmentStoreError';

  constructor(
    readonly fault: AttachmentStoreFault,
    message: string,
  ) {
    super(message);
  }
}
