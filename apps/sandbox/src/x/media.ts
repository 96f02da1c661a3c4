import { snowflake } from './snowflake.js';
import type { XUser } from './users.js';

export interface Medium {
  id: string;
  owner: XUser;
  mediaType: string;
  category: string;
  totalBytes: number;
  parts: Buffer[];
  /** `undefined` while parts may still come. */
  finalizedAt: number | undefined;
}

/** What each category takes, and how large, as X documents it. */
const categories: Readonly<Record<string, { types: RegExp; maxBytes: number; mostPerTweet: number }>> = {
  tweet_image: { types: /^image\/(?:jpeg|png|webp|bmp|tiff|pjpeg)$/, maxBytes: 5 * 1024 * 1024, mostPerTweet: 4 },
  tweet_gif: { types: /^image\/gif$/, maxBytes: 15 * 1024 * 1024, mostPerTweet: 1 },
  tweet_video: { types: /^video\/(?:mp4|webm|mp2t|quicktime)$/, maxBytes: 512 * 1024 * 1024, mostPerTweet: 1 },
};
const processingMs = 1_000;
const expiresAfterSeconds = 86_400;

/** Uploads in memory: begun, filled part by part, finished; a video is then processed for a second. */
export class Media {
  private readonly byId = new Map<string, Medium>();

  /** Begins an upload, or says what is wrong with it. */
  begin(owner: XUser, asked: { mediaType: string; category: string; totalBytes: number }): Medium | string {
    const category = categories[asked.category];
    if (!category) return `media_category: must be one of ${Object.keys(categories).join(', ')}`;
    if (!category.types.test(asked.mediaType))
      return `media_type: ${asked.mediaType} is not a type of ${asked.category}`;
    if (!Number.isInteger(asked.totalBytes) || asked.totalBytes < 1 || asked.totalBytes > category.maxBytes) {
      return `total_bytes: must be 1 to ${category.maxBytes}`;
    }
    const medium: Medium = { id: snowflake(), owner, ...asked, parts: [], finalizedAt: undefined };
    this.byId.set(medium.id, medium);
    return medium;
  }

  find(id: string, owner: XUser): Medium | undefined {
    const medium = this.byId.get(id);
    return medium?.owner === owner ? medium : undefined;
  }

  /** What is wrong with an upload that says it is complete, or `undefined`. */
  finish(medium: Medium): string | undefined {
    const bytes = sizeOf(medium);
    if (bytes !== medium.totalBytes) return `${bytes} of ${medium.totalBytes} bytes have come`;
    medium.finalizedAt ??= Date.now();
    return undefined;
  }

  /** Why a tweet may not have these, or `undefined`. */
  faultOf(ids: readonly string[], owner: XUser): string | undefined {
    const found = ids.map((id) => this.find(id, owner)).filter((medium) => medium !== undefined && isReady(medium));
    if (found.length < ids.length) return 'Your media IDs are invalid.';
    const most = Math.min(...found.map((medium) => categories[medium?.category ?? '']?.mostPerTweet ?? 1));
    return ids.length > most ? 'Up to 4 photos, or 1 animated GIF, or 1 video can be in a Tweet.' : undefined;
  }

  reset(): void {
    this.byId.clear();
  }
}

export function sizeOf({ parts }: Medium): number {
  return parts.reduce((sum, part) => sum + (part?.length ?? 0), 0);
}

function isReady(medium: Medium): boolean {
  return medium.finalizedAt !== undefined && stateOf(medium) === 'succeeded';
}

function stateOf({ category, finalizedAt = 0 }: Medium): 'in_progress' | 'succeeded' {
  return category === 'tweet_video' && Date.now() < finalizedAt + processingMs ? 'in_progress' : 'succeeded';
}

/** An upload as the API shows it. */
export function mediumView(medium: Medium): Record<string, unknown> {
  const done = medium.finalizedAt !== undefined;
  const state = stateOf(medium);
  const processed = medium.category === 'tweet_video' && done;
  return {
    id: medium.id,
    media_key: `3_${medium.id}`,
    expires_after_secs: expiresAfterSeconds,
    ...(done ? { size: medium.totalBytes } : {}),
    ...(processed
      ? { processing_info: { state, ...(state === 'succeeded' ? { progress_percent: 100 } : { check_after_secs: 1 }) } }
      : {}),
  };
}
