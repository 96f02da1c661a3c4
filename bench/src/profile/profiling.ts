import { fileURLToPath } from 'node:url';

/** The module that a process to be profiled loads first. */
export const profilerModule = fileURLToPath(new URL('preload.js', import.meta.url));

/** What the module is told in the environment. */
export function profilerEnv(folder: string, name: string): Record<string, string> {
  return { PROFILE_DIR: folder, PROFILE_NAME: name };
}

/** Starts the profilers of processes that have loaded the module, or stops them and lets them write. */
export function toggleProfilers(pids: readonly number[]): void {
  for (const pid of pids) process.kill(pid, 'SIGUSR2');
}
