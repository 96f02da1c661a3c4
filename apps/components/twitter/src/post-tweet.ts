import { action, file, OperationError, TerminalError, type Files } from '@millrace/component-sdk';
import type { EUploadMimeType, SendTweetV2Params } from 'twitter-api-v2';
import { z } from 'zod';
import { credential } from './credential.js';
import { mediaKindOf, withMediaFile, type FileReference } from './media-file.js';
import { settings } from './settings.js';
import { maxTweetLength, tweetLength } from './tweet-length.js';
import { tweetId, tweetUrl } from './tweets.js';
import { xClient, type XAccess } from './x-client.js';

const maxImages = 4;

export const postTweet = action({
  title: 'Post a tweet',
  description: 'Posts a tweet for the account of the credential.',
  credential,
  settings,
  input: z.object({
    text: z
      .string()
      // Longer than anything X takes; weighing has its price.
      .max(25_000)
      .default('')
      .describe(`Text of the tweet, at most ${maxTweetLength} characters as X counts: an address 23, an emoji 2`),
    replyTo: tweetId.nullish().describe('Number of the tweet that this one answers'),
    media: z
      .union([file(), z.array(file())])
      .nullish()
      .describe('A file, or a list of up to four images: those of a webhook, such as `photo`'),
  }),
  output: z.object({
    id: z.string().describe('Number of the tweet'),
    text: z.string().describe('Text of the tweet, addresses shortened'),
    url: z.string().describe('Address of the tweet'),
  }),
  idempotency: 'none',
  run: async ({ input, files, ...access }) => {
    const { text, replyTo } = input;
    const media = [input.media ?? []].flat();
    refuseWhatXWould(text, media);
    const tweet: Partial<SendTweetV2Params> = {};
    if (replyTo != null) tweet.reply = { in_reply_to_tweet_id: replyTo };
    const [first, ...others] = await uploads({ ...access, files }, media);
    // The types of the library want one to four of them as a tuple, as many as there are now.
    if (first !== undefined) tweet.media = { media_ids: [first, ...others] as [string] };
    const { data } = await (await xClient(access)).tweet({ ...tweet, ...(text === '' ? {} : { text }) });
    return { id: data.id, text: data.text, url: tweetUrl(data.id) };
  },
});

/** What X would refuse anyway, told with what to change, and without a call. */
function refuseWhatXWould(text: string, files: readonly FileReference[]): void {
  if (text.trim() === '' && files.length === 0) {
    throw new TerminalError('The tweet has neither text nor media: map one of the two', { code: 'tweet_empty' });
  }
  const length = tweetLength(text);
  if (length > maxTweetLength) {
    const words = `The tweet has ${length} weighted characters, and X takes ${maxTweetLength}: shorten the text by ${length - maxTweetLength}`;
    throw new TerminalError(words, { code: 'tweet_too_long', detail: { length, maxLength: maxTweetLength } });
  }
  const most = files.every((file) => mediaKindOf(file).category === 'tweet_image') ? maxImages : 1;
  if (files.length > most) {
    const words = `X takes up to ${maxImages} images, or 1 GIF, or 1 video with a tweet, not ${files.length} files of these kinds`;
    throw new TerminalError(words, { code: 'media_refused' });
  }
}

interface UploadAccess extends XAccess {
  files: Files;
  signal: AbortSignal;
}

/** One after the other: each is held whole while it is sent. */
async function uploads(access: UploadAccess, media: readonly FileReference[]): Promise<string[]> {
  const ids: string[] = [];
  for (const one of media) ids.push(await upload(access, one));
  return ids;
}

/** Sends a file in parts of 1 MiB and, if it is a video, waits until X has processed it. */
async function upload(access: UploadAccess, media: FileReference): Promise<string> {
  try {
    return await withMediaFile(access, media, async (bytes, { mediaType, category }) =>
      (await xClient(access)).uploadMedia(bytes, {
        media_type: mediaType as `${EUploadMimeType}`,
        media_category: category,
      }),
    );
  } catch (error) {
    if (error instanceof OperationError) throw error;
    // X took the bytes and can make nothing of them.
    const words = error instanceof Error ? error.message : 'no reason was given';
    throw new TerminalError(`X could not use ${media.name}: ${words}`, { code: 'media_refused' });
  }
}
