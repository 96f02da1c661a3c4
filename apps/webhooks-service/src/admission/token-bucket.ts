/** How many requests are taken: on average, and at once. */
export interface Rate {
  perSecond: number;
  burst: number;
}

/** What is left of a rate. It fills by itself with time, up to the burst. */
export interface Bucket {
  tokens: number;
  atMs: number;
}

export function fullBucket({ burst }: Rate, nowMs: number): Bucket {
  return { tokens: burst, atMs: nowMs };
}

/**
 * Takes a token out of `bucket` and returns 0, or returns after how many milliseconds there will be one and takes
 * nothing. The clock may stand still, but is never set back.
 */
export function takeToken(bucket: Bucket, rate: Rate, nowMs: number): number {
  bucket.tokens = Math.min(rate.burst, bucket.tokens + ((nowMs - bucket.atMs) * rate.perSecond) / 1000);
  bucket.atMs = nowMs;
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return 0;
  }
  return ((1 - bucket.tokens) * 1000) / rate.perSecond;
}

/** Puts a token back that was taken for nothing. */
export function returnToken(bucket: Bucket, rate: Rate): void {
  bucket.tokens = Math.min(rate.burst, bucket.tokens + 1);
}
