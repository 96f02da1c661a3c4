/** What is known of the calls of one run's resume URL. */
export interface ResumeCalls {
  /** Told that they count. */
  readonly kept: readonly string[];
  /** Cut, or turned away: they count or not. */
  readonly perhaps: readonly string[];
}

/** Where what resumed a step is not what its callers were told. @param counted the calls that did, in the step's outputs */
export function resumesAmiss(counted: readonly string[], { kept, perhaps }: ResumeCalls, expected: number): string[] {
  const lost = kept.filter((call) => !counted.includes(call));
  const unknown = counted.filter((call) => !kept.includes(call) && !perhaps.includes(call));
  return [
    ...(counted.length === expected ? [] : [`was resumed ${counted.length} times, not ${expected}`]),
    ...(new Set(counted).size === counted.length ? [] : [`counted a call twice: ${counted.join(', ')}`]),
    ...lost.map((call) => `did not count the call ${call}, which was told that it counts`),
    ...unknown.map((call) => `counted the call ${call}, which nobody made`),
  ];
}
