import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** What a test adds to the small workspace that keeps every rule. */
export interface Plant {
  /** Text by path from the root. */
  files: Record<string, string>;
  /** Packages by project folder; of `@millrace/*` the tsconfig references follow, unless `files` has that tsconfig. */
  dependencies?: Record<string, string[]>;
}

const tagsOf: Record<string, [type: string, scope: string, runtime: string]> = {
  'apps/shop': ['app', 'shop', 'nest'],
  'apps/desk': ['app', 'desk', 'nest'],
  'apps/glass': ['app', 'glass', 'browser'],
  'apps/components/pet': ['component', 'pet', 'nest'],
  'libs/alpha': ['lib', 'alpha', 'node'],
  'libs/pure': ['lib', 'pure', 'pure'],
  'libs/flow-model': ['lib', 'flow-model', 'pure'],
  'libs/amqp': ['lib', 'amqp', 'node'],
  'libs/observability': ['lib', 'observability', 'node'],
  'libs/persistence': ['lib', 'persistence', 'node'],
  'libs/credentials': ['lib', 'credentials', 'node'],
  'libs/mapping': ['lib', 'mapping', 'node'],
  'libs/mapping-sandbox': ['lib', 'mapping-sandbox', 'node'],
  'libs/component-sdk': ['lib', 'component-sdk', 'node'],
  'libs/component-runtime': ['lib', 'component-runtime', 'nest'],
  'libs/platform': ['lib', 'platform', 'nest'],
  'libs/testing': ['testing', 'testing', 'node'],
  'tools/saw': ['tool', 'saw', 'node'],
};

const planted: string[] = [];

/** Writes a temporary workspace and returns its root. */
export function plantWorkspace(plant: Plant): string {
  const root = mkdtempSync(path.join(tmpdir(), 'millrace-checks-'));
  planted.push(root);
  write(root, 'package.json', {
    workspaces: ['apps/components/*', 'apps/shop', 'apps/desk', 'apps/glass', 'libs/*', 'tools/*'],
    devDependencies: { vitest: '*' },
  });
  write(root, 'tsconfig.json', { references: Object.keys(tagsOf).map((folder) => ({ path: `./${folder}` })) });
  write(root, 'package-lock.json', { packages: {} });
  for (const [folder, [type, scope, runtime]] of Object.entries(tagsOf)) {
    const dependencies = plant.dependencies?.[folder] ?? [];
    write(root, `${folder}/package.json`, {
      name: nameOf(folder),
      private: true,
      license: 'Apache-2.0',
      type: 'module',
      nx: { tags: [`type:${type}`, `scope:${scope}`, `runtime:${runtime}`] },
      dependencies: Object.fromEntries(dependencies.map((name) => [name, '*'])),
    });
    const references = Object.keys(tagsOf)
      .filter((other) => dependencies.includes(nameOf(other)))
      .map((other) => ({ path: path.posix.relative(folder, other) }));
    const excluded = type === 'component' ? { exclude: ['src/**/*.spec.ts'] } : {};
    write(root, `${folder}/tsconfig.json`, { references, ...excluded });
    write(root, `${folder}/README.md`, `# ${folder}\n`);
    write(root, `${folder}/src/index.ts`, 'export const here = 1;\n');
    if (type === 'component') write(root, `${folder}/src/conformance.int.spec.ts`, 'describeComponent(here, {});\n');
  }
  for (const [file, text] of Object.entries(plant.files)) write(root, file, text);
  return root;
}

/** Removes what `plantWorkspace` has written. */
export function removeWorkspaces(): void {
  for (const root of planted.splice(0)) rmSync(root, { recursive: true, force: true });
}

function nameOf(folder: string): string {
  return `@millrace/${path.posix.basename(folder)}`;
}

function write(root: string, file: string, content: string | object): void {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), typeof content === 'string' ? content : JSON.stringify(content));
}
