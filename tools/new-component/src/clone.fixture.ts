import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** What is no part of the sources or of what was built from them. */
export const notCopied: ReadonlySet<string> = new Set(['node_modules', '.git', '.millrace', '.nx', 'coverage']);

export interface Ended {
  ok: boolean;
  text: string;
}

/** A copy of the repository as it is built, whose packages are those of this one. */
export interface Clone {
  readonly folder: string;
  /** Runs Node in the clone, not as a part of this test run. */
  node(...args: string[]): Promise<Ended>;
  remove(): void;
}

/** Copies the repository into a temporary folder; `npx tsc -b` comes first. */
export function makeClone(): Clone {
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-new-component-'));
  cpSync(root, folder, {
    recursive: true,
    preserveTimestamps: true,
    filter: (source) => !notCopied.has(path.basename(source)),
  });
  const nested = ['apps', 'libs', 'tools'].flatMap((parent) =>
    readdirSync(path.join(root, parent)).map((name) => path.join(parent, name)),
  );
  for (const project of [...nested, 'bench', 'chaos']) {
    const packages = path.join(root, project, 'node_modules');
    if (existsSync(packages)) symlinkSync(packages, path.join(folder, project, 'node_modules'));
  }
  linkPackages(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  // So that `tools/run.mjs` finds nothing to install.
  const lock = readFileSync(path.join(folder, 'package-lock.json'));
  const stamp = path.join(folder, 'node_modules/.millrace-packages');
  writeFileSync(stamp, createHash('sha256').update(lock).digest('hex'));
  return {
    folder,
    node: (...args) => runNode(folder, args),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Packages are shared; those of the workspace are the clone's own. */
function linkPackages(from: string, to: string): void {
  mkdirSync(path.join(to, '@millrace'), { recursive: true });
  for (const name of readdirSync(from)) {
    if (name !== '@millrace' && name !== '.millrace-packages') {
      symlinkSync(path.join(from, name), path.join(to, name));
    }
  }
  for (const name of readdirSync(path.join(from, '@millrace'))) {
    symlinkSync(readlinkSync(path.join(from, '@millrace', name)), path.join(to, '@millrace', name));
  }
}

async function runNode(cwd: string, args: readonly string[]): Promise<Ended> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:VITEST|TEST$|NODE_ENV$)/.test(name)),
  );
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd, env });
    return { ok: true, text: stdout + stderr };
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    return { ok: false, text: stdout + stderr };
  }
}
