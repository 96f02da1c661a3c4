import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';

export interface NamedProcess {
  readonly name: string;
  readonly pid: number;
  /** Whether its children do its work: a Postgres server has one for each connection. */
  readonly countChildren?: boolean;
}

const bytesPerMib = 1024 * 1024;

/** Memory of a process that is resident now, in MiB. */
export function residentMib(pid: number): number {
  try {
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    if (kib) return (Number(kib) * 1024) / bytesPerMib;
  } catch {
    // Not Linux.
  }
  return (Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1024) / bytesPerMib;
}

/** Forgets what a process had resident at the most, so that `peakResidentMib` tells of what comes. Linux only. */
export function resetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** The most memory that was resident at a time since the start of the process or `resetPeak`, in MiB. Linux only. */
export function peakResidentMib(pid: number): number {
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(kib) * 1024) / bytesPerMib;
}

/** `getconf CLK_TCK` is 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** Processor time that a process has used so far, in seconds; NaN where there is no /proc. */
export function processorSeconds({ pid, countChildren = false }: NamedProcess): number {
  if (!countChildren) return sum(statFields(pid)?.slice(11, 13) ?? ['NaN']) / ticksPerSecond;
  try {
    let ticks = 0;
    for (const entry of readdirSync('/proc')) {
      if (!/^\d+$/.test(entry)) continue;
      const fields = statFields(Number(entry));
      if (!fields) continue;
      // utime, stime; cutime and cstime are of children that ended.
      if (Number(entry) === pid) ticks += sum(fields.slice(11, 15));
      else if (Number(fields[1]) === pid) ticks += sum(fields.slice(11, 13));
    }
    return ticks / ticksPerSecond;
  } catch {
    return Number.NaN;
  }
}

/** The fields of /proc/PID/stat from the third on: state, parent … */
function statFields(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

function sum(values: string[]): number {
  return values.reduce((total, value) => total + Number(value), 0);
}
