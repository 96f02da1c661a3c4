/*
 * The memory that bodies may take: as sent, decompressed, as JSON, and what of a file waits to be stored. Every byte is
 * counted before it is kept. A workspace has a share of it, so that its bodies do not have those of others refused.
 */

/** What of the room the bodies of one workspace take. */
export interface RoomShare {
  heldBytes: number;
}

/** `noRoom`: all bodies together are too much; `noShare`: those of the workspace are. */
export type RoomFault = 'noRoom' | 'noShare';

export interface BodyRoomOptions {
  maxBytes: number;
  /** Of one workspace. */
  maxShareBytes: number;
}

export interface BodyRoom {
  /** Begins to count what one call holds, of the share of its workspace. */
  hold(share: RoomShare): Hold;
  readonly heldBytes: number;
}

/** What one call holds. */
export interface Hold {
  /** Takes room for so many further bytes; a fault says that there is none, and nothing was taken. */
  take(bytes: number): RoomFault | undefined;
  /** Gives all of it back. Safe to repeat. */
  letGo(): void;
}

export function createBodyRoom({ maxBytes, maxShareBytes }: BodyRoomOptions): BodyRoom {
  let allBytes = 0;

  class CallHold implements Hold {
    private bytes = 0;

    constructor(private readonly share: RoomShare) {}

    take(bytes: number): RoomFault | undefined {
      if (allBytes + bytes > maxBytes) return 'noRoom';
      if (this.share.heldBytes + bytes > maxShareBytes) return 'noShare';
      this.count(bytes);
      return undefined;
    }

    letGo(): void {
      this.count(-this.bytes);
    }

    private count(bytes: number): void {
      this.bytes += bytes;
      this.share.heldBytes += bytes;
      allBytes += bytes;
    }
  }

  return {
    hold: (share) => new CallHold(share),
    get heldBytes() {
      return allBytes;
    },
  };
}
