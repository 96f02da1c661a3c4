import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** How long one load lasts on the bare pipeline; Millrace gets as many requests. */
  readonly seconds: number;
  readonly rounds: number;
  readonly connections: number;
  /** Requests per second for the times under a steady load. */
  readonly steadyRate: number;
  /** Where the report goes as JSON. */
  readonly jsonFile: string | undefined;
  /** Where profiles of the first load of each side go. */
  readonly profileDir: string | undefined;
  /** Whether ten steps, many flows and a full run log are measured, too: some minutes more. */
  readonly scale: boolean;
  /** Measures one process of a component and nothing else. */
  readonly componentOnly: boolean;
  /** Whether a missed target is a failure. */
  readonly check: boolean;
}

export const usage = `npm run bench -- [--seconds 5] [--rounds 3] [--connections 64] [--rate 200] [--scale] [--component]
                 [--check] [--json FILE] [--profile FOLDER]`;

/** A call that cannot be understood; its message says how to call it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @throws UsageError */
export function readOptions(args: string[]): BenchOptions {
  try {
    const { values } = parseArgs({
      args,
      options: {
        seconds: { type: 'string', default: '5' },
        rounds: { type: 'string', default: '3' },
        connections: { type: 'string', default: '64' },
        rate: { type: 'string', default: '200' },
        json: { type: 'string' },
        profile: { type: 'string' },
        scale: { type: 'boolean', default: false },
        component: { type: 'boolean', default: false },
        check: { type: 'boolean', default: false },
      },
    });
    return {
      seconds: bounded('seconds', values.seconds, [1, 30]),
      rounds: bounded('rounds', values.rounds, [1, 10]),
      connections: bounded('connections', values.connections, [1, 256]),
      steadyRate: bounded('rate', values.rate, [10, 5_000]),
      jsonFile: values.json,
      profileDir: values.profile,
      scale: values.scale,
      componentOnly: values.component,
      check: values.check,
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
