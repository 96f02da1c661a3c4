import type { Random } from '../random.js';
import { kill, otherFaults } from './all.js';
import type { Choice, Fault, PlannedProcess } from './fault.js';

/** One fault at its time. */
export interface PlannedFault {
  /** Since the beginning of the storm. */
  readonly atMs: number;
  readonly fault: Fault;
  readonly choice: Choice;
}

export interface PlanOptions {
  readonly kills: number;
  readonly processes: readonly PlannedProcess[];
}

/** Between one kill and the next. */
const pauseMs = [1_100, 2_100] as const;
/** How often another process is killed within the same second. */
const twiceShare = 0.25;
/** A fault that takes long is over when the plan is, or soon after. */
const longWithin = 0.45;
/** Who was killed is left alone while so many others are, so that every kill meets a process that works. */
const restAfter = 4;

/** What happens when, from the seed alone: kills at a steady pace, and each other fault at even distances between them. */
export function makePlan(random: Random, { kills, processes }: PlanOptions): PlannedFault[] {
  const times = killTimes(random, kills);
  const lastMs = times.at(-1) ?? 0;
  const others = otherFaults.flatMap((fault) => {
    const count = Math.max(1, Math.round(kills * fault.perKill));
    // Of a long plan only the end is too late for a fault that takes long.
    const wholeMs = fault.long ? Math.max(lastMs * longWithin, lastMs - 40_000) : lastMs;
    return Array.from({ length: count }, (_, at): PlannedFault => {
      const atMs = Math.round(((at + random.next()) * wholeMs) / count);
      return { atMs, fault, choice: fault.choose(random, processes) };
    });
  });
  const frozen = others.filter(({ fault }) => fault.long);
  const victims: string[] = [];
  const killed = times.map((atMs): PlannedFault => {
    const busy = new Set([...victims.slice(-Math.min(restAfter, processes.length - 1)), ...namesAt(frozen, atMs)]);
    const free = processes.filter(({ name }) => !busy.has(name));
    const choice = kill.choose(random, free.length > 0 ? free : processes);
    victims.push(choice.on);
    return { atMs, fault: kill, choice };
  });
  return [...killed, ...others].toSorted((one, other) => one.atMs - other.atMs);
}

function killTimes(random: Random, kills: number): number[] {
  const times: number[] = [];
  for (let atMs = 500; times.length < kills; atMs += random.between(...pauseMs)) {
    times.push(atMs);
    if (times.length < kills && random.next() < twiceShare) times.push(atMs + random.between(0, 700));
  }
  return times.toSorted((one, other) => one - other);
}

/** Processes that something lasting is done to at a time. */
function namesAt(faults: readonly PlannedFault[], atMs: number): string[] {
  const lasting = faults.filter((one) => one.atMs <= atMs && atMs <= one.atMs + one.choice.forMs);
  return lasting.map(({ choice }) => choice.on);
}
