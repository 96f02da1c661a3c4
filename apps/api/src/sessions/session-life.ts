/** A session ends this long after its last use. */
const idleMs = 24 * 60 * 60 * 1_000;

/** And this long after sign-in, however much it is used. */
export const absoluteMs = 30 * 24 * 60 * 60 * 1_000;

/** An extension is written at most this often. */
const extendEveryMs = 5 * 60 * 1_000;

/** When a session ends that is used now. */
export function expiryOf(createdAt: Date, now: Date): Date {
  return new Date(Math.min(now.getTime() + idleMs, createdAt.getTime() + absoluteMs));
}

/** The later end of a session that is used now; `undefined` when it isn't worth writing. */
export function extensionOf(session: { createdAt: Date; expiresAt: Date }, now: Date): Date | undefined {
  const expiresAt = expiryOf(session.createdAt, now);
  return expiresAt.getTime() - session.expiresAt.getTime() >= extendEveryMs ? expiresAt : undefined;
}
