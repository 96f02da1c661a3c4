import type { DataSource, EntityManager } from 'typeorm';

/** A count of failed sign-ins under a key, such as an e-mail address or a network address. */
export interface FailureBound {
  key: string;
  limit: number;
}

export type SignInAdmission =
  | { admitted: true; failure: SignInFailure }
  | { admitted: false; retryAfterSeconds: number };

/** One recorded failure; taken back when the sign-in succeeds after all. */
export interface SignInFailure {
  keys: string[];
  /** Text, because a Date would lose the microseconds that tell it from others. */
  failedAt: string;
}

/**
 * Asks whether one more sign-in may be tried, and if so records it as failed beforehand, so that many at once cannot
 * slip past the limit. The count is in the database: it holds for all replicas together.
 */
export async function admitSignIn(
  dataSource: DataSource,
  bounds: FailureBound[],
  windowSeconds: number,
): Promise<SignInAdmission> {
  // Always in the same order, so that two sign-ins cannot wait for each other.
  const ordered = [...bounds].sort((left, right) => (left.key < right.key ? -1 : 1));
  return dataSource.transaction(async (manager) => {
    let retryAfterSeconds = 0;
    for (const { key, limit } of ordered) {
      await manager.query(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [key]);
      retryAfterSeconds = Math.max(retryAfterSeconds, await secondsUntilFree(manager, key, limit, windowSeconds));
    }
    if (retryAfterSeconds > 0) return { admitted: false, retryAfterSeconds };
    const keys = ordered.map((bound) => bound.key);
    const [row] = await manager.query<{ failedAt: string }[]>(
      `insert into sign_in_failure (key, failed_at) select key, clock_timestamp() from unnest($1::text[]) as key
       returning failed_at::text as "failedAt"`,
      [keys],
    );
    return { admitted: true, failure: { keys, failedAt: row?.failedAt ?? '' } };
  });
}

/** 0 when fewer than `limit` failures are in the window, else how long until the oldest of the last `limit` leaves it. */
async function secondsUntilFree(
  manager: EntityManager,
  key: string,
  limit: number,
  windowSeconds: number,
): Promise<number> {
  const [row] = await manager.query<{ seconds: number }[]>(
    `select ceil(extract(epoch from failed_at + make_interval(secs => $3) - clock_timestamp()))::int as seconds
     from sign_in_failure
     where key = $1 and failed_at > clock_timestamp() - make_interval(secs => $3)
     order by failed_at desc offset $2 limit 1`,
    [key, limit - 1, windowSeconds],
  );
  return row ? Math.max(1, row.seconds) : 0;
}

/** After a successful sign-in: forgets this one under every key, and all earlier ones under `clearedKey`. */
export async function forgetSignInFailures(
  manager: EntityManager,
  failure: SignInFailure,
  clearedKey: string,
): Promise<void> {
  await manager.query(
    `delete from sign_in_failure where key = $1 or (key = any ($2::text[]) and failed_at = $3::timestamptz)`,
    [clearedKey, failure.keys, failure.failedAt],
  );
}

/** Removes failures that no window reaches any more. */
export async function removeOldSignInFailures(manager: EntityManager, windowSeconds: number): Promise<void> {
  await manager.query(`delete from sign_in_failure where failed_at < now() - make_interval(secs => $1)`, [
    windowSeconds,
  ]);
}
