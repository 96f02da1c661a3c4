import { runCommand } from '@millrace/local-infra';
import { inRepository, repositoryRoot } from '../repository.js';

/** A check that passes or fails as a whole. */
export interface StaticCheck {
  readonly name: string;
  readonly command: readonly string[];
}

const bin = (...parts: string[]): string => inRepository('node_modules', ...parts);
const timeoutMs = 10 * 60_000;

/** All static checks in the order in which they run. */
export const staticChecks: readonly StaticCheck[] = [
  { name: 'format', command: [bin('oxfmt', 'bin', 'oxfmt'), '--check', '.'] },
  { name: 'types of the projects', command: [bin('typescript', 'bin', 'tsc'), '-b'] },
  { name: 'types of the specs', command: [bin('typescript', 'bin', 'tsc'), '-p', 'tsconfig.specs.json'] },
  {
    name: 'types of the browser specs',
    command: [bin('typescript', 'bin', 'tsc'), '-p', 'apps/console/tsconfig.specs.json'],
  },
  { name: 'lint', command: [bin('oxlint', 'bin', 'oxlint'), '--type-aware'] },
  { name: 'boundaries', command: [inRepository('tools', 'checks', 'dist', 'boundaries.js')] },
];

/** Runs one check. @throws Error with the check's output when it does not pass. */
export async function runCheck(check: StaticCheck): Promise<void> {
  const result = await runCommand(process.execPath, check.command, { cwd: repositoryRoot, timeout: timeoutMs });
  if (!result.ok) throw new Error(result.output);
}
