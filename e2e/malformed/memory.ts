import { readFileSync, writeFileSync } from 'node:fs';

export interface Memory {
  residentMib: number;
  /** The most since `forgetPeak`. */
  peakMib: number;
}

/** Resident memory of a process; `undefined` where the system does not tell it as Linux does. */
export function memoryOf(pid: number): Memory | undefined {
  let status: string;
  try {
    status = readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return undefined;
  }
  const mib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
  return { residentMib: mib('VmRSS'), peakMib: mib('VmHWM') };
}

/** Has the kernel count the peak anew (proc(5), clear_refs). */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}
