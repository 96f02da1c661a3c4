import { readdirSync, readFileSync, existsSync } from 'node:fs';
import path from 'node:path';

/** A project of the repository: one npm workspace. */
export interface Project {
  /** As in its package.json: `@millrace/amqp`. */
  name: string;
  /** Path from the root: `libs/amqp`. */
  folder: string;
  /** Values of its Nx tags; undefined when a tag is missing. */
  type: string | undefined;
  scope: string | undefined;
  runtime: string | undefined;
  /** Packages it may import. */
  dependencies: ReadonlySet<string>;
  /** Packages that only its specs and configuration may import. */
  devDependencies: ReadonlySet<string>;
  /** Folders of the projects that its tsconfig.json refers to. */
  references: ReadonlySet<string>;
}

export interface Workspace {
  root: string;
  projects: Project[];
  /** Packages that every spec may import. */
  devDependencies: ReadonlySet<string>;
}

interface Manifest {
  name?: string;
  workspaces?: string[];
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  nx?: { tags?: string[] };
}

/** Reads the projects that the root package.json names. Throws when a manifest is not readable. */
export function readWorkspace(root: string): Workspace {
  const manifest = readJson(path.join(root, 'package.json')) as Manifest;
  const folders = (manifest.workspaces ?? []).flatMap((pattern) => expand(root, pattern));
  return {
    root,
    projects: folders.map((folder) => readProject(root, folder)).sort((a, b) => a.folder.localeCompare(b.folder)),
    devDependencies: new Set(Object.keys(manifest.devDependencies ?? {})),
  };
}

/** The folders that a workspace pattern stands for: a folder, or `folder/*`. */
function expand(root: string, pattern: string): string[] {
  if (!pattern.endsWith('/*')) return existsSync(path.join(root, pattern, 'package.json')) ? [pattern] : [];
  const parent = pattern.slice(0, -2);
  if (!existsSync(path.join(root, parent))) return [];
  return readdirSync(path.join(root, parent))
    .map((name) => `${parent}/${name}`)
    .filter((folder) => existsSync(path.join(root, folder, 'package.json')));
}

function readProject(root: string, folder: string): Project {
  const manifest = readJson(path.join(root, folder, 'package.json')) as Manifest;
  const tag = (kind: string): string | undefined =>
    manifest.nx?.tags?.find((text) => text.startsWith(`${kind}:`))?.slice(kind.length + 1);
  return {
    name: manifest.name ?? folder,
    folder,
    type: tag('type'),
    scope: tag('scope'),
    runtime: tag('runtime'),
    dependencies: new Set(
      [manifest.dependencies, manifest.optionalDependencies, manifest.peerDependencies].flatMap((group) =>
        Object.keys(group ?? {}),
      ),
    ),
    devDependencies: new Set(Object.keys(manifest.devDependencies ?? {})),
    references: readReferences(root, folder),
  };
}

function readReferences(root: string, folder: string): Set<string> {
  const file = path.join(root, folder, 'tsconfig.json');
  if (!existsSync(file)) return new Set();
  const { references = [] } = readJson(file) as { references?: { path: string }[] };
  return new Set(references.map((reference) => path.posix.join(folder, reference.path)));
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file} is not readable as JSON`, { cause: error });
  }
}
