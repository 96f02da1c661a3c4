import { TerminalError, type file, type Files } from '@millrace/component-sdk';
import type { z } from 'zod';

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
}

/** What kind of media a file is. Throws a `TerminalError` when X would not take it, before anything is sent. */
export function mediaKindOf(file: FileReference): MediaKind {
  const mediaType = file.contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  const kind = kinds.find(({ types }) => types.test(mediaType));
  const { name } = file;
  if (!kind) {
    const words = `X takes no ${mediaType || 'file without a content type'} with a tweet (${name}): give an image, a GIF or a video`;
    throw new TerminalError(words, { code: 'media_refused' });
  }
  if (file.size > kind.maxBytes) {
    const words = `${name} has ${file.size} bytes, and a ${mediaType} may have ${kind.maxBytes}: give a smaller one`;
    throw new TerminalError(words, { code: 'media_refused' });
  }
  return { mediaType, category: kind.category };
}

/** Reads the file whole: the library sends it in parts of which it knows the number. */
export async function readMediaFile(files: Files, file: FileReference): Promise<Buffer> {
  const { content } = await files.open(file);
  const pieces: Buffer[] = [];
  for await (const piece of content) pieces.push(piece as Buffer);
  const bytes = Buffer.concat(pieces);
  if (bytes.length === 0) throw new TerminalError(`${file.name} is empty`, { code: 'media_refused' });
  return bytes;
}
