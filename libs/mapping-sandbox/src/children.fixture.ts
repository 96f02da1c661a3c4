import { readdirSync, readFileSync } from 'node:fs';

/** Ids of the processes that this one has started and that are still there. Linux only. */
export function childProcesses(): number[] {
  const tasks = '/proc/self/task';
  return readdirSync(tasks)
    .flatMap((task) => readFileSync(`${tasks}/${task}/children`, 'utf8').trim().split(' '))
    .filter((id) => id !== '')
    .map(Number);
}
