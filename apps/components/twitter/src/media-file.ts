import { TerminalError, type file, type Files } from '@millrace/component-sdk';
import type { z } from 'zod';
import { byteBudget } from './byte-budget.js';

export type FileReference = z.output<ReturnType<typeof file>>;

/** What X takes with a tweet, by content type, and how many bytes of it. */
const kinds = [
  { types: /^image\/gif$/, category: 'tweet_gif', maxBytes: 15 * 1024 * 1024 },
  { types: /^image\/(?:jpeg|png|webp|bmp|tiff|pjpeg)$/, category: 'tweet_image', maxBytes: 5 * 1024 * 1024 },
  { types: /^video\/(?:mp4|webm|mp2t|quicktime)$/, category: 'tweet_video', maxBytes: 30 * 1024 * 1024 },
] as const;

export interface MediaKind {
  mediaType: string;
  category: (typeof kinds)[number]['category'];
  maxBytes: number;
}

/** What kind of media a file is. Throws a `TerminalError` when X would not take it, before anything is sent. */
export function mediaKindOf(file: FileReference): MediaKind {
  const mediaType = file.contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  const kind = kinds.find(({ types }) => types.test(mediaType));
  if (!kind) {
    const { name } = file;
    const words = `X takes no ${mediaType || 'file without a content type'} with a tweet (${name}): give an image, a GIF or a video`;
    throw new TerminalError(words, { code: 'media_refused' });
  }
  const { category, maxBytes } = kind;
  const media = { mediaType, category, maxBytes };
  if (file.size > maxBytes) throw tooLarge(file, media, `${file.size} bytes`);
  return media;
}

function tooLarge({ name }: FileReference, { mediaType, maxBytes }: MediaKind, size: string): TerminalError {
  const words = `${name} has ${size}, and a ${mediaType} may have ${maxBytes}: give a smaller one`;
  return new TerminalError(words, { code: 'media_refused' });
}

/** Two videos, or a dozen images: what all uploads of the process hold together. Others wait for their turn. */
const held = byteBudget(64 * 1024 * 1024);

/**
 * Calls `use` with the file as a whole, for the library sends it in parts of which it knows the number. The size that stands in
 * the input may have been typed by anybody, so the file itself is asked, and what is too large is not read on.
 */
export async function withMediaFile<T>(
  { files, signal }: { files: Files; signal: AbortSignal },
  file: FileReference,
  use: (bytes: Buffer, kind: MediaKind) => Promise<T>,
): Promise<T> {
  const kind = mediaKindOf(file);
  const taken = await held.take(kind.maxBytes, signal);
  try {
    const { size, content } = await files.open(file);
    if (size > kind.maxBytes) {
      content.destroy();
      throw tooLarge(file, kind, `${size} bytes`);
    }
    const bytes = await readUpTo(kind.maxBytes, content);
    if (!bytes) throw tooLarge(file, kind, `more than ${kind.maxBytes} bytes`);
    if (bytes.length === 0) throw new TerminalError(`${file.name} is empty`, { code: 'media_refused' });
    taken.shrinkTo(bytes.length);
    return await use(bytes, kind);
  } finally {
    taken.giveBack();
  }
}

/** `undefined` when there is more; the rest is not read then. */
async function readUpTo(maxBytes: number, content: AsyncIterable<unknown>): Promise<Buffer | undefined> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop destroys the stream.
  for await (const piece of content) {
    bytes += (piece as Buffer).length;
    if (bytes > maxBytes) return undefined;
    pieces.push(piece as Buffer);
  }
  return Buffer.concat(pieces);
}
