import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Finding } from './finding.js';
import { structureRemedies, tagValues } from './rules.js';
import type { Project, Workspace } from './workspace.js';

/** Holds a project's tags against the known ones and its tsconfig references against its dependencies. */
export function checkManifest(workspace: Workspace, project: Project): Finding[] {
  return [...checkTags(workspace, project), ...checkReferences(workspace, project)];
}

function checkTags(workspace: Workspace, project: Project): Finding[] {
  const file = `${project.folder}/package.json`;
  const kinds = ['type', 'scope', 'runtime'] as const;
  return kinds.flatMap((kind) => {
    const known: readonly string[] | undefined = kind === 'scope' ? undefined : tagValues[kind];
    const value = project[kind];
    if (value !== undefined && (known === undefined || known.includes(value))) return [];
    const choice = known ? `one of ${known.map((name) => `${kind}:${name}`).join(', ')}` : `a ${kind}: tag`;
    const line = lineOf(workspace.root, file, '"tags"');
    return [{ file, line, rule: 'unknown-tag', remedy: `${structureRemedies['unknown-tag']} ${choice}` }];
  });
}

function checkReferences(workspace: Workspace, project: Project): Finding[] {
  const file = `${project.folder}/tsconfig.json`;
  const needed = workspace.projects.filter(({ name }) => project.dependencies.has(name)).map(({ folder }) => folder);
  const missing = needed.filter((folder) => !project.references.has(folder));
  const surplus = [...project.references].filter((folder) => !needed.includes(folder));
  const finding = (folder: string, rule: 'missing-reference' | 'surplus-reference'): Finding => {
    const reference = path.posix.relative(project.folder, folder);
    const line = lineOf(workspace.root, file, rule === 'surplus-reference' ? `"${reference}"` : '"references"');
    return { file, line, rule, remedy: `'${reference}': ${structureRemedies[rule]}` };
  };
  return [
    ...missing.map((folder) => finding(folder, 'missing-reference')),
    ...surplus.map((folder) => finding(folder, 'surplus-reference')),
  ];
}

/** The line of the first occurrence of a text, or 1. */
function lineOf(root: string, file: string, text: string): number {
  if (!existsSync(path.join(root, file))) return 1;
  const before = readFileSync(path.join(root, file), 'utf8').split(text);
  return before.length === 1 ? 1 : (before[0] ?? '').split('\n').length;
}
