import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { componentName, filledIn, type ComponentName } from './component-name.js';
import { stackEdits } from './stack-edits.js';

const templates = fileURLToPath(new URL('../templates/', import.meta.url));

/** Where each file of a component comes from, and where below its folder it goes. */
const componentFiles: readonly (readonly [template: string, to: string])[] = [
  ['component/package.json', 'package.json'],
  ['component/tsconfig.json', 'tsconfig.json'],
  ['component/README.md', 'README.md'],
  ['component/src/main.ts', 'src/main.ts'],
  ['component/src/component.ts', 'src/NAME_KEBAB.ts'],
  ['component/src/component.int.spec.ts', 'src/NAME_KEBAB.int.spec.ts'],
];

export interface NewComponent {
  name: ComponentName;
  folder: string;
  /** Files that there were and that now name the component. */
  changed: string[];
}

/**
 * Makes a component in the clone at `root`, and names it wherever components are named: build, lock file, `npm start`, images,
 * compose, Kubernetes, chaos. All is thought out before anything is written, and what was written is taken back when
 * something fails. Throws with the reason. Needs no network.
 */
export function newComponent(root: string, text: string | undefined): NewComponent {
  const name = componentName(text);
  const folder = `apps/components/${name.kebab}`;
  if (existsSync(path.join(root, folder))) throw new Error(`${folder} is there already: take another name`);
  const made = new Map(
    componentFiles.map(([from, to]) => [`${folder}/${filledIn(to, name)}`, filledIn(template(from), name)] as const),
  );
  made.set(`k8s/base/component-${name.kebab}.yaml`, filledIn(template('stack/deployment.yaml'), name));
  const before = new Map<string, string>();
  const after = new Map<string, string>();
  const parts = { dockerfile: template('stack/Dockerfile'), compose: template('stack/compose.yaml') };
  for (const { file, apply } of stackEdits(name, parts)) {
    const current = readFileSync(path.join(root, file), 'utf8');
    before.set(file, current);
    after.set(
      file,
      edited(file, () => apply(current)),
    );
  }
  try {
    for (const [file, content] of [...made, ...after]) write(root, file, content);
    format(root, [...made.keys(), ...after.keys()]);
    link(root, name);
  } catch (error) {
    for (const [file, content] of before) write(root, file, content);
    for (const file of made.keys()) rmSync(path.join(root, file), { force: true });
    rmSync(path.join(root, folder), { recursive: true, force: true });
    rmSync(linkOf(root, name), { force: true });
    throw error;
  }
  return { name, folder, changed: [...after.keys()] };
}

function template(file: string): string {
  return readFileSync(path.join(templates, `${file}.template`), 'utf8');
}

function edited(file: string, apply: () => string): string {
  try {
    return apply();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${file} is not as expected, so nothing was made: ${reason}`, { cause: error });
  }
}

/** By a new file that takes the place of the old one: a package folder may share its files with other clones. */
function write(root: string, file: string, content: string): void {
  const target = path.join(root, file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(`${target}.new`, content);
  renameSync(`${target}.new`, target);
}

/** Names differ in length, and with them where lines are broken. */
function format(root: string, files: string[]): void {
  const formatter = path.join(root, 'node_modules/oxfmt/bin/oxfmt');
  if (!existsSync(formatter)) return;
  const { status, stderr } = spawnSync(process.execPath, [formatter, ...files], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`The formatter failed: ${stderr}`);
}

/** What `npm install` would do; and the mark by which `tools/run.mjs` knows that it need not be run. */
function link(root: string, name: ComponentName): void {
  if (!existsSync(path.join(root, 'node_modules/@millrace'))) return;
  symlinkSync(`../../apps/components/${name.kebab}`, linkOf(root, name));
  const lock = readFileSync(path.join(root, 'package-lock.json'));
  write(root, 'node_modules/.millrace-packages', createHash('sha256').update(lock).digest('hex'));
}

function linkOf(root: string, name: ComponentName): string {
  return path.join(root, 'node_modules/@millrace', `component-${name.kebab}`);
}
