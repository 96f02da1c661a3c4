import { readdirSync } from 'node:fs';
import path from 'node:path';

const neverOurs = new Set(['node_modules', 'dist', 'coverage']);

/**
 * Paths, from the root, of all files under a folder that people write: not what a build made, not what npm installed
 * and nothing hidden. Sorted.
 */
export function listFiles(root: string, folder: string): string[] {
  const entries = readdirSync(path.join(root, folder), { withFileTypes: true });
  return entries
    .filter((entry) => !entry.name.startsWith('.') && !neverOurs.has(entry.name))
    .flatMap((entry) => {
      const file = path.posix.join(folder, entry.name);
      if (entry.isDirectory()) return listFiles(root, file);
      return entry.isFile() ? [file] : [];
    })
    .sort();
}

/** Whether a file holds TypeScript or JavaScript. */
export function isSource(file: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(file) && !file.endsWith('.d.ts');
}

/** Whether a file only runs in tests: a spec, or what specs share (a fixture, or a file in a project's `test` folder). */
export function isTestCode(file: string): boolean {
  return /\/test\//.test(file) || /\.(?:spec|fixture)\.[cm]?[jt]sx?$/.test(file);
}

/** Whether a file configures a tool, as `vite.config.ts` does. */
export function isToolConfig(file: string): boolean {
  return /\.config\.[cm]?[jt]s$/.test(file);
}
