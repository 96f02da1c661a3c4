/** Pieces on their way from who has them to who reads them, one at a time. */
export interface Handover {
  readonly content: AsyncIterable<Buffer>;
  /** Resolves once the reader has done with the piece, or has left. */
  give(piece: Buffer): Promise<void>;
  /** There are no more pieces; with an error, there should have been. */
  end(error?: Error): void;
  /** The reader takes no more: nobody waits for it any longer. */
  left(): void;
}

/** Lets a second reader have what the first one reads, at the pace of the slower one and without keeping any of it. */
export function handover(): Handover {
  let given: Buffer | undefined;
  let ended: { error: Error | undefined } | undefined;
  let gone = false;
  let wakeReader = (): void => undefined;
  let wakeGiver = (): void => undefined;

  async function* content(): AsyncGenerator<Buffer, void, undefined> {
    for (;;) {
      if (given) {
        yield given;
        given = undefined;
        wakeGiver();
      } else if (ended) {
        if (ended.error) throw ended.error;
        return;
      } else {
        await new Promise<void>((resolve) => (wakeReader = resolve));
      }
    }
  }

  return {
    content: content(),
    async give(piece) {
      if (gone) return;
      given = piece;
      const taken = new Promise<void>((resolve) => (wakeGiver = resolve));
      wakeReader();
      await taken;
    },
    end(error) {
      ended = { error };
      wakeReader();
    },
    left() {
      gone = true;
      wakeGiver();
    },
  };
}
