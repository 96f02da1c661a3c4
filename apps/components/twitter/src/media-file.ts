import { TerminalError, type Http } from '@millrace/component-sdk';
import { z } from 'zod';

/** A file as webhooks and other steps give it out. */
export const fileReference = z.looseObject({
  name: z.string().nullish().describe('Name of the file'),
  contentType: z.string().min(1).describe('Content type, such as image/png'),
  size: z.number().describe('Bytes of the file'),
  url: z.url({ protocol: /^https?$/ }).describe('Where the file is read'),
});

export type FileReference = z.output<typeof fileReference>;

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
  const name = file.name ?? 'the file';
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

/** Reads the file whole: X wants to know its size first. */
export async function readMediaFile(http: Http, file: FileReference): Promise<Buffer> {
  const { body } = await http.get(file.url, { headers: { accept: '*/*' } });
  if (body.length === 0) throw new TerminalError(`${file.name ?? 'The file'} is empty`, { code: 'media_refused' });
  return body;
}
