import { parseArgs } from 'node:util';

export interface ChaosOptions {
  /** The same seed gives the same plan of faults. */
  readonly seed: number;
  /** How many processes of Millrace are killed. */
  readonly kills: number;
  /** New requests per second while they are. */
  readonly perSecond: number;
  /** Requests at the beginning and at the end, while nothing is done to anybody. */
  readonly calmRequests: number;
  /** No fault begins later than this after the first one. */
  readonly atMostMs: number;
  /** How long, after the last fault, everything accepted may take to end. */
  readonly settleWithinMs: number;
  /** Whether it is also measured how the work of frozen orchestrators moves, which takes the broker half a minute each. */
  readonly freezeOrchestrators: boolean;
  /** Whether every fault is told as it is over. */
  readonly tellEach: boolean;
}

export const shortForm: Omit<ChaosOptions, 'seed'> = {
  kills: 24,
  perSecond: 40,
  calmRequests: 60,
  atMostMs: 240_000,
  settleWithinMs: 120_000,
  freezeOrchestrators: false,
  tellEach: false,
};

export const usage =
  'npm run chaos -- [--kills 1000] [--seed N] [--rate 30] [--minutes 60] [--report FILE] [--verbose]';

/** A call that cannot be understood; its message says how to call it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The options of the long form, and where its report goes. @throws UsageError */
export function readOptions(args: string[]): ChaosOptions & { readonly reportFile: string | undefined } {
  try {
    const { values } = parseArgs({
      args,
      options: {
        kills: { type: 'string', default: '1000' },
        seed: { type: 'string', default: String(Date.now() % 1_000_000) },
        rate: { type: 'string', default: '30' },
        minutes: { type: 'string', default: '60' },
        report: { type: 'string' },
        verbose: { type: 'boolean', default: false },
      },
    });
    return {
      seed: bounded('seed', values.seed, [0, 2 ** 32 - 1]),
      kills: bounded('kills', values.kills, [1, 10_000]),
      perSecond: bounded('rate', values.rate, [1, 500]),
      calmRequests: 300,
      atMostMs: bounded('minutes', values.minutes, [1, 24 * 60]) * 60_000,
      settleWithinMs: 300_000,
      freezeOrchestrators: true,
      tellEach: values.verbose,
      reportFile: values.report,
    };
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\nUsage: ${usage}`, { cause: error });
  }
}

function bounded(name: string, text: string, [lowest, highest]: [number, number]): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= lowest && value <= highest) return value;
  throw new Error(`--${name} must be a whole number from ${lowest} to ${highest}, not ${text}.`);
}
