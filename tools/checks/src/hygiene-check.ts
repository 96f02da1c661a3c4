import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { CheckResult, Finding } from './finding.js';
import { isSource, isTestCode, listFiles } from './files.js';
import { missingPackages, type Lockfile } from './lockfile.js';
import { readWorkspace, type Project } from './workspace.js';

/** Longer files are split: what does not fit on a few screens has more than one subject. */
export const maxLines = 400;

/** Texts that no person keeps short. */
const notOurs = new Set(['package-lock.json', 'LICENSE']);

const vagueName = /(?:^|[-.])(?:manager|helper|helpers|util|utils|base|misc|common)(?:[-.]|$)/;

/** Words that plan instead of saying what is; each is spelled so that the pattern does not match itself. */
const planningWord = /\b(?:TOD[O]|FIXM[E]|XX[X]|HAC[K]|MV[P])\b/;

/**
 * The order of the repository: short files, telling names, no plans in the code, and for every project a README, the
 * name and the licence of the whole.
 */
export function checkHygiene(root: string): CheckResult {
  const { projects } = readWorkspace(root);
  const files = listFiles(root, '').filter((file) => !notOurs.has(path.posix.basename(file)));
  const findings = [
    ...checkBuild(root, projects),
    ...checkLockfile(root),
    ...projects.flatMap((project) => checkProject(root, project)),
    ...files.flatMap((file) => checkFile(root, file)),
  ];
  return { findings, looked: `${projects.length} projects, ${files.length} files` };
}

/** `tsc -b` in the root must build every project. */
function checkBuild(root: string, projects: Project[]): Finding[] {
  const file = 'tsconfig.json';
  const { references } = JSON.parse(readFileSync(path.join(root, file), 'utf8')) as { references: { path: string }[] };
  const built = new Set(references.map((reference) => path.posix.normalize(reference.path)));
  return projects
    .filter(({ folder }) => !built.has(folder))
    .map(({ folder }) => ({ file, line: 1, rule: 'project-build', remedy: `add ./${folder} to the references` }));
}

/** `npm ci` must accept the lock file on every platform. */
function checkLockfile(root: string): Finding[] {
  const file = 'package-lock.json';
  const lock = JSON.parse(readFileSync(path.join(root, file), 'utf8')) as Lockfile;
  const missing = missingPackages(lock).map(({ name }) => name);
  if (missing.length === 0) return [];
  const remedy = `lacks ${missing.join(', ')}: run node tools/checks/dist/complete-lockfile.js`;
  return [{ file, line: 1, rule: 'lockfile-complete', remedy }];
}

function checkProject(root: string, project: Project): Finding[] {
  const { folder } = project;
  const manifest = JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8')) as Record<string, unknown>;
  const findings: Finding[] = [];
  const add = (file: string, rule: string, remedy: string): void => {
    findings.push({ file: `${folder}/${file}`, line: 1, rule, remedy });
  };
  if (!existsSync(path.join(root, folder, 'README.md'))) {
    add('README.md', 'project-readme', 'write about 30 lines: purpose, door, invariants, how to test it');
  }
  const config = path.join(root, folder, 'tsconfig.json');
  if (!existsSync(config)) {
    add(
      'tsconfig.json',
      'project-tsconfig',
      'extend tsconfig.base.json and list the project in the root tsconfig.json',
    );
  } else {
    const settings = readFileSync(config, 'utf8');
    const tests = listFiles(root, folder).filter(isTestCode);
    for (const kind of ['spec', 'fixture']) {
      if (settings.includes(`src/**/*.${kind}.ts`) || !tests.some((file) => file.endsWith(`.${kind}.ts`))) continue;
      add('tsconfig.json', 'tests-in-build', `exclude src/**/*.${kind}.ts`);
    }
  }
  if (project.type === 'component' && !runsSuite(root, folder)) {
    const remedy = 'no *.int.spec.ts calls describeComponent of @millrace/component-conformance: add one';
    add('package.json', 'component-conformance', remedy);
  }
  if (!project.name.startsWith('@millrace/')) add('package.json', 'project-name', 'name it @millrace/<name>');
  if (manifest['private'] !== true) add('package.json', 'project-private', 'set "private": true');
  if (manifest['license'] !== 'Apache-2.0') add('package.json', 'project-licence', 'set "license": "Apache-2.0"');
  if (manifest['type'] !== 'module') add('package.json', 'project-module', 'set "type": "module"');
  return findings;
}

/** Whether the suite that tries what every component promises is run for this one. */
function runsSuite(root: string, folder: string): boolean {
  const specs = listFiles(root, folder).filter((file) => file.endsWith('.int.spec.ts'));
  return specs.some((file) => /^describeComponent\(/m.test(readFileSync(path.join(root, file), 'utf8')));
}

function checkFile(root: string, file: string): Finding[] {
  const findings: Finding[] = [];
  const name = path.posix.basename(file);
  if (isSource(file) && vagueName.test(name)) {
    findings.push({ file, line: 1, rule: 'vague-name', remedy: 'name the file after what it holds' });
  }
  if (isSource(file) && name === 'index.ts' && !/^[^/]+(?:\/[^/]+){0,2}\/src\/index\.ts$/.test(file)) {
    findings.push({
      file,
      line: 1,
      rule: 'one-door',
      remedy: 'a project has one index.ts, in src; import the files themselves',
    });
  }
  if (!isText(file)) return findings;
  const lines = readFileSync(path.join(root, file), 'utf8').split('\n');
  if (lines.at(-1) === '') lines.pop();
  const generated = lines.slice(0, 3).some((line) => line.includes('@generated'));
  if (lines.length > maxLines && !generated) {
    const remedy = `${lines.length} lines, at most ${maxLines}: split the file by subject`;
    findings.push({ file, line: maxLines + 1, rule: 'file-length', remedy });
  }
  for (const [index, line] of lines.entries()) {
    if (isSource(file) && planningWord.test(line)) {
      findings.push({
        file,
        line: index + 1,
        rule: 'planning-word',
        remedy: 'say what is; plans belong to the issues',
      });
    }
  }
  return findings;
}

function isText(file: string): boolean {
  return (
    isSource(file) || /\.(?:css|html|json|md|sh|sql|ya?ml)$/.test(file) || path.posix.basename(file) === 'Dockerfile'
  );
}
