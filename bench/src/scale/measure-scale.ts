import { loadRound, type Bench } from '../rounds.js';
import type { Results } from '../results.js';
import type { RunningSide } from '../sides/side.js';
import { addFinishedRuns } from './finished-runs.js';
import { addRunningFlows } from './many-flows.js';

export const manyFlows = 10_000;
export const manyRuns = 1_000_000;
/** A run of ten steps takes about five times as long. */
const tenStepShare = 0.25;

export interface ScaleOptions {
  readonly rounds: number;
  /** Requests of one load. */
  readonly amount: number;
  readonly say: (text: string) => void;
}

/**
 * Loads Millrace where runs are long, flows are many and the run log is full, in turns with the bare pipeline, which has
 * none of that: what the machine does meanwhile shakes both.
 */
export async function measureScale(
  bench: Bench,
  { bare, millrace }: { bare: RunningSide; millrace: RunningSide },
  { results, ...options }: ScaleOptions & { results: Results },
): Promise<void> {
  const { extras } = millrace;
  if (!extras) return;
  const { rounds, amount, say } = options;
  const { scale } = results.millrace;
  const each = async (measure: (round: number) => Promise<void>): Promise<void> => {
    for (let round = 1; round <= rounds; round += 1) await measure(round);
  };
  /** Millrace's finished runs per second through those of the bare pipeline just before. */
  const beside = async (what: string, flowIds?: readonly string[]): Promise<number> => {
    const bareLoad = await loadRound(bench, bare, amount);
    const load = await loadRound(bench, millrace, amount, { flowIds });
    const ratio = load.finishedPerSecond / bareLoad.finishedPerSecond;
    say(`millrace: ${what}, ${load.finishedPerSecond.toFixed(0)} finished/s, ${ratio.toFixed(2)} of bare`);
    return ratio;
  };

  await each(async () => {
    const two = await loadRound(bench, millrace, amount);
    const ten = await loadRound(bench, millrace, Math.round(amount * tenStepShare), {
      flowIds: [extras.tenStepsFlowId],
    });
    const cost = two.finishedPerSecond / ten.finishedPerSecond;
    say(`millrace: ten steps, ${ten.finishedPerSecond.toFixed(0)} finished/s, ${cost.toFixed(2)} times two steps`);
    scale.tenStepsCost.push(cost);
  });

  const flowIds = await addRunningFlows(millrace.databaseUrl, extras.flowId, manyFlows);
  // Each flow is asked for once before it is measured, as it would be in the first minutes of a day.
  await loadRound(bench, millrace, manyFlows, { flowIds });
  await each(async () => void scale.manyFlows.push(await beside(`${manyFlows} flows`, flowIds)));

  await addFinishedRuns(millrace.databaseUrl, extras.flowId, manyRuns);
  say(`millrace: ${manyRuns} finished runs are in the tables`);
  await each(async () => void scale.manyRuns.push(await beside(`${manyRuns} finished runs`)));
}
