/**
 * The load puts into each pet's name which request it is and when that was sent, so the target can tell the time from
 * request to pet stored without any other word between the two. The clock is monotonic and one for all processes.
 */
export interface PetMark {
  readonly phase: number;
  /** From 0 in each phase. */
  readonly sequence: number;
  readonly sentAtUs: number;
}

/** Microseconds of the machine's monotonic clock. */
export function nowUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

export function petName({ phase, sequence, sentAtUs }: PetMark): string {
  return `pet.${phase}.${sequence}.${sentAtUs}`;
}

/** `undefined` for a name that `petName` did not make. */
export function readPetName(name: unknown): PetMark | undefined {
  if (typeof name !== 'string') return undefined;
  const [prefix, phase, sequence, sentAtUs] = name.split('.');
  if (prefix !== 'pet' || sentAtUs === undefined) return undefined;
  return { phase: Number(phase), sequence: Number(sequence), sentAtUs: Number(sentAtUs) };
}

const bodyBytes = 1024;
const marked = (name: string, filler: string): string => JSON.stringify({ petname: name, petstatus: 'sold', filler });

/** The body of one request, sent now: 1 KiB of JSON. */
export function requestBody(phase: number, sequence: number): string {
  const name = petName({ phase, sequence, sentAtUs: nowUs() });
  return marked(name, 'x'.repeat(Math.max(0, bodyBytes - marked(name, '').length)));
}
