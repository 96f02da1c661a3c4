import type { MappingOutcome } from './outcome.js';
import type { Task } from './task.js';

/** More texts of expressions are not remembered as dangerous; the oldest are forgotten. */
const maxSuspects = 1_000;
/** So often in a row must an expression keep within its limits to run beside others again. */
const probation = 20;
const dangerous = new Set(['time_exceeded', 'memory_exceeded', 'sandbox_ended']);

/**
 * What waits for a process. Expressions that exceeded time or memory before wait in a line of their own, so that a flow
 * that sends them without end does not delay others: they run one at a time, in a process beside those of all others.
 */
export interface TaskQueue {
  readonly size: number;
  add(task: Task): void;
  /** In front of all others of their kind: they have waited before. */
  putBack(tasks: Task[]): void;
  take(this: void): Task | undefined;
  takeAlone(this: void): Task | undefined;
  readonly waiting: number;
  readonly waitingAlone: number;
  /**
   * Remembers which expressions exceeded a limit of their process, and forgets those that have not for long. What waits
   * of a new one leaves the line of all others.
   */
  learn(task: Task, outcome: MappingOutcome): void;
  /** Whether an expression of the task is remembered to have exceeded a limit. */
  isSuspect(task: Task): boolean;
}

export function createTaskQueue(): TaskQueue {
  let together: Task[] = [];
  let alone: Task[] = [];
  /** Texts of expressions, with how many good evaluations they owe. */
  const suspects = new Map<string, number>();

  const isSuspect = ({ prepared }: Task): boolean =>
    prepared.leaves.some(({ expression }) => suspects.has(expression.source));

  /** What waits among all others of expressions that have just exceeded a limit waits alone from now on. */
  function moveSuspects(): void {
    const moved = together.filter(isSuspect);
    if (moved.length === 0) return;
    for (const task of moved) task.alone = true;
    together = together.filter((task) => !task.alone);
    alone.push(...moved);
  }

  return {
    get size() {
      return together.length + alone.length;
    },
    get waiting() {
      return together.length;
    },
    get waitingAlone() {
      return alone.length;
    },
    add(task) {
      if (suspects.size > 0) task.alone = isSuspect(task);
      (task.alone ? alone : together).push(task);
    },
    putBack(tasks) {
      // What exceeded a limit may have become known since they were given to a process.
      for (const task of tasks) task.alone ||= isSuspect(task);
      together = [...tasks.filter((task) => !task.alone), ...together];
      alone = [...tasks.filter((task) => task.alone), ...alone];
    },
    take: () => together.shift(),
    takeAlone: () => alone.shift(),
    learn(task, outcome) {
      if (suspects.size > 0) {
        for (const { expression } of task.prepared.leaves) {
          const owed = suspects.get(expression.source) ?? 0;
          if (owed > 1) suspects.set(expression.source, owed - 1);
          else suspects.delete(expression.source);
        }
      }
      if (outcome.ok) return;
      const culprits = outcome.errors.filter(({ code }) => dangerous.has(code));
      if (culprits.length === 0) return;
      for (const { expression } of culprits) {
        if (suspects.size >= maxSuspects) suspects.delete(suspects.keys().next().value ?? '');
        suspects.set(expression, probation);
      }
      moveSuspects();
    },
    isSuspect,
  };
}
