/** What the starter tells the target. */
export type TargetOrder =
  /** From now on only pets of this phase count. */
  { kind: 'watch'; phase: number; expected: number; tellEach: boolean } | { kind: 'report' };

/** What the target tells the starter. */
export type TargetNews =
  | { kind: 'listening'; port: number }
  /** Told of each new pet when that was asked for. */
  | { kind: 'stored'; phase: number; sequence: number }
  /** Told once when all expected pets are there, and as the answer to `report`. */
  | { kind: 'pets'; pets: StoredPets };

export interface StoredPets {
  readonly phase: number;
  readonly expected: number;
  /** Milliseconds from request to pet stored, in the order in which the pets came. */
  readonly latenciesMs: Float64Array;
  /** Pets that came once more. */
  readonly duplicates: number;
}
