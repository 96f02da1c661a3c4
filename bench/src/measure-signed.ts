import { loadRound, type Bench } from './rounds.js';
import type { Results } from './results.js';
import type { RunningSide } from './sides/side.js';

export interface SignedOptions {
  readonly rounds: number;
  /** Requests of one load. */
  readonly amount: number;
  readonly say: (text: string) => void;
  readonly results: Results;
}

/**
 * Loads Millrace with signed requests in turns with the bare pipeline, which checks none. In turns of their own: after the
 * pause in which a database reports its transactions every process would start cold.
 */
export async function measureSigned(
  bench: Bench,
  { bare, millrace }: { bare: RunningSide; millrace: RunningSide },
  { rounds, amount, say, results }: SignedOptions,
): Promise<void> {
  await loadRound(bench, millrace, amount, { signed: true });
  for (let round = 1; round <= rounds; round += 1) {
    const unsigned = await loadRound(bench, bare, amount);
    const signed = await loadRound(bench, millrace, amount, { signed: true });
    results.bare.besideSigned.push(unsigned.acceptedPerSecond);
    results.millrace.besideSigned.push(signed.acceptedPerSecond);
    say(`millrace: with HMAC, ${signed.acceptedPerSecond.toFixed(0)} accepted/s`);
  }
}
