import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root folder of this clone. */
export const repositoryRoot = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** A path inside the clone. */
export function inRepository(...parts: string[]): string {
  return join(repositoryRoot, ...parts);
}
