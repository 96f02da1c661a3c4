/** Random choices that follow from a seed alone. */
export interface Random {
  /** From 0 to 1, without 1. */
  next(): number;
  /** A whole number from `lowest` to `highest`, both included. */
  between(lowest: number, highest: number): number;
  /** @throws Error when there is nothing to choose from. */
  pick<T>(from: readonly T[]): T;
}

/** Mulberry32: small, even enough to choose victims with, and the same on every machine. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (lowest: number, highest: number): number => lowest + Math.floor(next() * (highest - lowest + 1));
  return {
    next,
    between,
    pick: (from) => {
      if (from.length === 0) throw new Error('There is nothing to choose from.');
      return from[between(0, from.length - 1)] as (typeof from)[number];
    },
  };
}
