import { availableParallelism } from 'node:os';
import { evaluateMapping } from '@millrace/mapping';
import { SandboxUnavailableError, type MappingOutcome, type MappingPool, type MappingPoolOptions } from './outcome.js';
import { createTaskQueue } from './queue.js';
import { startSandboxProcess, type ProcessEnd, type SandboxProcess } from './sandbox-process.js';
import { errorAt, outcomeOf, prepare, requestLine, type Task } from './task.js';

/** Evaluations that a process has before it answers the first: enough that it never waits, few to run again. */
const maxInFlight = 64;
/** Characters written to a process that it has not read: large inputs wait as values, not as texts besides. */
const maxBacklog = 1_000_000;
/** A process that says nothing for so much longer than an evaluation may take is hung, or stopped. */
const silenceMs = 10_000;
const closeGraceMs = 2_000;

/** One process and what it has to answer, in order. */
interface Lane {
  process: SandboxProcess;
  inFlight: Task[];
  /** Evaluations it has answered. */
  answered: number;
  /** Run out when there has been no work, or no answer, for too long. */
  idle: NodeJS.Timeout;
  silence: NodeJS.Timeout;
}

/**
 * Evaluates mappings in processes that can be ended without harm. An evaluation that exceeds a limit fails; those
 * beside it in its process are run again in a fresh one. Processes start with the first work and end when idle.
 *
 * A process that dies unexpectedly (its memory is full) does not tell at which evaluation. Those that it had are then
 * run again one by one, and the one that ends a process alone is at fault.
 */
export function createMappingPool(options: MappingPoolOptions = {}): MappingPool {
  const limits = {
    timeLimitMs: options.timeLimitMs ?? 1_000,
    memoryLimitMb: options.memoryLimitMb ?? 128,
    maxResultBytes: options.maxResultBytes ?? 5_000_000,
    maxResultDepth: options.maxResultDepth ?? 100,
  };
  const maxProcesses = options.maxProcesses ?? Math.min(4, Math.max(2, availableParallelism()));
  const idleMs = options.idleMs ?? 30_000;
  const maxSilenceMs = 2 * limits.timeLimitMs + silenceMs;
  const queue = createTaskQueue();
  const lanes = new Set<Lane>();
  /** Runs what runs alone, beside the others: it may take long or end its process, and they shall not wait. */
  let quarantine: Lane | undefined;
  const alive = new Set<Promise<void>>();
  let scheduled = false;
  let closing: Promise<void> | undefined;
  let onDrained: (() => void) | undefined;

  async function evaluate(...[mapping, context]: Parameters<MappingPool['evaluate']>): Promise<MappingOutcome> {
    if (closing) throw new SandboxUnavailableError('the mapping pool is closed');
    const prepared = prepare(mapping);
    if (prepared.leaves.length === 0) return { ok: true, value: evaluateMapping(mapping, context) };
    return new Promise((resolve, reject) => {
      queue.add({ mapping, prepared, context, alone: false, resolve, reject });
      schedule();
    });
  }

  /** What arrives in one turn of the event loop leaves in one write. */
  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      dispatch();
    });
  }

  function dispatch(): void {
    if (queue.waitingAlone > 0) {
      quarantine ??= startLane();
      if (quarantine.inFlight.length === 0) give(quarantine, queue.takeAlone, 1);
    }
    const idle = [...lanes].some(({ inFlight }) => inFlight.length === 0);
    if (queue.waiting > 0 && !idle && lanes.size < maxProcesses) lanes.add(startLane());
    const share = Math.ceil(queue.waiting / Math.max(1, lanes.size));
    for (const lane of [...lanes].sort((a, b) => a.inFlight.length - b.inFlight.length)) {
      give(lane, queue.take, Math.min(share, maxInFlight - lane.inFlight.length));
    }
    if (queue.size === 0 && everyLane().every(({ inFlight }) => inFlight.length === 0)) onDrained?.();
  }

  function give(lane: Lane, take: () => Task | undefined, atMost: number): void {
    let lines = '';
    for (let given = 0; given < atMost && lines.length + lane.process.backlog() < maxBacklog; given += 1) {
      const task = take();
      if (!task) break;
      const line = lineFor(task);
      if (line === undefined) continue;
      lane.inFlight.push(task);
      lines += line;
    }
    if (lines === '') return;
    lane.silence.refresh();
    lane.process.write(lines);
  }

  /** The request of a task; one whose input cannot be written as JSON fails, as where its depth exhausts the stack. */
  function lineFor(task: Task): string | undefined {
    try {
      return requestLine(task);
    } catch {
      task.resolve({ ok: false, errors: [errorAt(task, 0, { ...inputUnsendable, position: 0 })] });
      schedule();
      return undefined;
    }
  }

  function everyLane(): Lane[] {
    return quarantine ? [...lanes, quarantine] : [...lanes];
  }

  function startLane(): Lane {
    const lane: Lane = {
      inFlight: [],
      answered: 0,
      idle: setTimeout(() => retire(lane), idleMs).unref(),
      silence: setTimeout(() => lane.inFlight.length > 0 && lane.process.kill(), maxSilenceMs).unref(),
      process: startSandboxProcess(limits, {
        onAnswer: (line) => settle(lane, line),
        onEnd: (end) => afterEnd(lane, end),
      }),
    };
    const gone = lane.process.gone.finally(() => alive.delete(gone));
    alive.add(gone);
    return lane;
  }

  function settle(lane: Lane, line: string): void {
    const task = lane.inFlight.shift();
    if (!task) return;
    lane.answered += 1;
    listen(lane);
    try {
      const outcome = outcomeOf(task, line);
      queue.learn(task, outcome);
      task.resolve(outcome);
      if (!outcome.ok && lane.inFlight.some((behind) => !behind.alone && queue.isSuspect(behind))) takeBack(lane);
    } catch (error) {
      task.reject(error instanceof Error ? error : new Error(String(error)));
    }
    if (lane.inFlight.length === 0 || queue.size > 0) schedule();
  }

  /** Ends a process that has more of what just exceeded a limit: the evaluations beside it would wait for each of them. */
  function takeBack(lane: Lane): void {
    const { inFlight } = lane;
    lane.inFlight = [];
    forget(lane);
    lane.process.kill();
    queue.putBack(inFlight);
  }

  /** After an answer: the next one is awaited, or there is nothing to do. */
  function listen(lane: Lane): void {
    if (lane.inFlight.length > 0) lane.silence.refresh();
    else lane.idle.refresh();
  }

  /** Lets a process end that has nothing to do. */
  function retire(lane: Lane): void {
    if (lane.inFlight.length > 0 || !everyLane().includes(lane)) return;
    forget(lane);
    const late = setTimeout(() => lane.process.kill(), closeGraceMs);
    void lane.process.gone.finally(() => clearTimeout(late));
    lane.process.finish();
  }

  function forget(lane: Lane): void {
    clearTimeout(lane.idle);
    clearTimeout(lane.silence);
    lanes.delete(lane);
    if (lane === quarantine) quarantine = undefined;
  }

  function afterEnd(lane: Lane, end: ProcessEnd): void {
    forget(lane);
    const { inFlight } = lane;
    lane.inFlight = [];
    if (end.unstarted) {
      const error = new SandboxUnavailableError(`no sandbox process can be started for mappings: ${end.cause}`);
      for (const task of inFlight) task.reject(error);
    } else if (end.timeExceeded) {
      // What it had answered but not yet sent is run again as well.
      const [culprit] = inFlight.splice(end.timeExceeded.count - 1 - lane.answered, 1);
      if (culprit) fail(culprit, end.timeExceeded.leaf, timeExceeded(limits.timeLimitMs));
      queue.putBack(inFlight);
    } else if (inFlight.length === 1 && inFlight[0]?.alone) {
      fail(inFlight[0], end.leaf, end.outOfMemory ? memoryExceeded(limits.memoryLimitMb) : ended(end.cause));
    } else {
      for (const task of inFlight) task.alone = true;
      queue.putBack(inFlight);
    }
    schedule();
  }

  function fail(task: Task, leaf: number, fault: { code: string; message: string }): void {
    const outcome: MappingOutcome = { ok: false, errors: [errorAt(task, leaf, { ...fault, position: 0 })] };
    queue.learn(task, outcome);
    task.resolve(outcome);
  }

  async function drainAndEnd(): Promise<void> {
    await new Promise<void>((resolve) => {
      onDrained = resolve;
      schedule();
    });
    for (const lane of everyLane()) retire(lane);
    await Promise.all(alive);
  }

  return {
    evaluate,
    close: () => (closing ??= drainAndEnd()),
  };
}

const inputUnsendable = {
  code: 'recursion_too_deep',
  message: 'What the expression reads is nested too deeply, or too large, to be evaluated.',
};

function timeExceeded(limitMs: number): { code: string; message: string } {
  const message = `The expression was ended after ${limitMs} ms: look for an endless loop or a slow regular expression.`;
  return { code: 'time_exceeded', message };
}

function memoryExceeded(limitMb: number): { code: string; message: string } {
  const message = `The expression was ended because it needs more than ${limitMb} MB of memory: make smaller lists and texts.`;
  return { code: 'memory_exceeded', message };
}

function ended(cause: string): { code: string; message: string } {
  return { code: 'sandbox_ended', message: `The sandbox process ended twice at this expression (${cause}).` };
}
