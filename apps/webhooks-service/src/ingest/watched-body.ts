import type { PendingAuthentication } from '@millrace/signatures';

/** Who else sees each piece before it is read. */
export interface BodyWatchers {
  /** Of a call that is judged by its body. */
  pending: Pick<PendingAuthentication, 'update'> | undefined;
  /** Resolves when the piece may be overwritten. */
  copy: ((piece: Buffer) => Promise<void>) | undefined;
}

/**
 * A body as it comes in, whose every byte is seen by its watchers, also those that whoever reads it leaves unread: a
 * signature covers them, too. Read it once, then `drain` it.
 */
export class WatchedBody implements AsyncIterable<Buffer> {
  private readonly source: AsyncIterator<Buffer>;
  private asked: Promise<unknown> = Promise.resolve();
  private ended = false;

  constructor(
    source: AsyncIterable<Buffer>,
    private readonly watchers: BodyWatchers,
  ) {
    this.source = source[Symbol.asyncIterator]();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    for (let piece = await this.next(); piece; piece = await this.next()) yield piece;
  }

  /** Reads what is left. Rejects with what the source throws, also when it did so before. */
  async drain(): Promise<void> {
    // A reader that left may have asked for a piece that has not come.
    await this.asked;
    while (await this.next());
  }

  /** Nothing more is read. */
  async close(): Promise<void> {
    await this.source.return?.();
  }

  private async next(): Promise<Buffer | undefined> {
    if (this.ended) return undefined;
    const asked = this.ask();
    this.asked = asked;
    // Whoever asked hears of it, and so does `drain`; it may be that neither does.
    asked.catch(() => undefined);
    return asked;
  }

  private async ask(): Promise<Buffer | undefined> {
    const next = await this.source.next();
    if (next.done) {
      this.ended = true;
      return undefined;
    }
    this.watchers.pending?.update(next.value);
    await this.watchers.copy?.(next.value);
    return next.value;
  }
}
