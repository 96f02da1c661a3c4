/** How long a caller of a resume URL waits. */
const patienceMs = 6_000;

/** What a caller of a resume URL makes of the answer. */
export type ResumeVerdict =
  /** Told that it counts. */
  | { readonly outcome: 'kept' }
  /** Told that it does not: another one did, or it is over. */
  | { readonly outcome: 'over' }
  /** Cut, or turned away for now: it counts or not, and the caller calls again. */
  | { readonly outcome: 'unknown' }
  | { readonly outcome: 'wrong'; readonly status: number };

export async function callResumeUrl(url: string): Promise<ResumeVerdict> {
  try {
    const { status, ok } = await fetch(url, { method: 'POST', signal: AbortSignal.timeout(patienceMs) });
    if (ok) return { outcome: 'kept' };
    if (status === 410) return { outcome: 'over' };
    return status >= 500 || status === 429 || status === 408 ? { outcome: 'unknown' } : { outcome: 'wrong', status };
  } catch (error) {
    if (error instanceof TypeError || error instanceof DOMException) return { outcome: 'unknown' };
    throw error;
  }
}
