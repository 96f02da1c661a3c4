import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import type { CheckResult, Finding } from './finding.js';
import { isSource, isTestCode, isToolConfig, listFiles } from './files.js';
import { packageOf, readImports, type ImportSite } from './imports.js';
import { checkManifest } from './manifest-check.js';
import { boundaryRules, matches, structureRemedies, type BoundaryRule } from './rules.js';
import { readWorkspace, type Project, type Workspace } from './workspace.js';

interface Source {
  project: Project;
  file: string;
  /** A spec or what specs share: not part of what is built. */
  spec: boolean;
  imports: ImportSite[];
}

/** What the rules of one run look things up in. */
interface Context {
  workspace: Workspace;
  byName: ReadonlyMap<string, Project>;
  /** Which projects the built code of each imports. */
  edges: ReadonlyMap<Project, ReadonlySet<Project>>;
}

/**
 * Holds every import of every project against `boundaryRules`, and each project's package.json and tsconfig.json
 * against its imports. Reads only; throws when a source file or a manifest cannot be parsed.
 */
export function checkBoundaries(root: string): CheckResult {
  const workspace = readWorkspace(root);
  const byName = new Map(workspace.projects.map((project) => [project.name, project]));
  const sources = workspace.projects.flatMap((project) => readSources(root, project));
  const context: Context = { workspace, byName, edges: importedProjects(sources, byName) };
  const findings = [
    ...workspace.projects.flatMap((project) => checkManifest(workspace, project)),
    ...sources.flatMap((source) => source.imports.flatMap((site) => checkImport(context, source, site))),
  ];
  return { findings, looked: `${workspace.projects.length} projects, ${sources.length} files` };
}

function readSources(root: string, project: Project): Source[] {
  return listFiles(root, project.folder)
    .filter(isSource)
    .map((file) => ({
      project,
      file,
      spec: isTestCode(file),
      imports: readImports(file, readFileSync(path.join(root, file), 'utf8')),
    }));
}

function importedProjects(sources: Source[], byName: Context['byName']): Map<Project, Set<Project>> {
  const edges = new Map<Project, Set<Project>>();
  for (const { project, spec, imports } of sources) {
    if (spec) continue;
    const imported = edges.get(project) ?? new Set();
    edges.set(project, imported);
    for (const { specifier = '' } of imports) {
      const target = byName.get(packageOf(specifier));
      if (target && target !== project) imported.add(target);
    }
  }
  return edges;
}

function checkImport(context: Context, source: Source, site: ImportSite): Finding[] {
  const { file, project, spec } = source;
  const { specifier, line } = site;
  const finding = (rule: string, remedy: string): Finding => ({ file, line, rule, remedy });
  if (specifier === undefined) {
    // A spec may load what the test before it wrote, and a tool what its caller names.
    if (spec || project.type === 'tool') return [];
    return [finding('computed-import', `a computed import: ${structureRemedies['computed-import']}`)];
  }
  const structure = (rule: keyof typeof structureRemedies): Finding =>
    finding(rule, `'${specifier}': ${structureRemedies[rule]}`);

  if (specifier.startsWith('.')) {
    const target = path.posix.join(path.posix.dirname(file), specifier);
    return target.startsWith(`${project.folder}/`) ? [] : [structure('relative-across-projects')];
  }
  const builtin = isBuiltin(specifier);
  const name = packageOf(specifier);
  const target = context.byName.get(name);
  const found: Finding[] = [];
  if (target && specifier !== name) found.push(structure('library-inside'));
  if (!builtin && !isDeclared(context, source, name, target)) found.push(structure('undeclared-package'));
  // Specs, and what configures a tool, run in Node whatever their project is for.
  if (builtin && (spec || isToolConfig(file))) return found;
  if (spec && target?.type === 'testing') return found;
  for (const rule of boundaryRules) {
    if (!matches(rule.from, project) || (rule.except && matches(rule.except, project))) continue;
    const breach = breachOf(rule, { context, project, specifier, target });
    if (breach !== undefined) found.push(finding(rule.name, `${breach}: ${rule.remedy}`));
  }
  return found;
}

function isDeclared(context: Context, source: Source, name: string, target: Project | undefined): boolean {
  const { project, spec, file } = source;
  if (name === project.name || project.dependencies.has(name)) return true;
  if (!spec && !isToolConfig(file)) return false;
  if (project.devDependencies.has(name) || context.workspace.devDependencies.has(name)) return true;
  return spec && target?.type === 'testing';
}

/** What an import breaks of a rule, or undefined. */
function breachOf(
  rule: BoundaryRule,
  site: { context: Context; project: Project; specifier: string; target: Project | undefined },
): string | undefined {
  const { forbid } = rule;
  const { context, project, specifier, target } = site;
  if ('packages' in forbid) {
    const name = packageOf(specifier);
    const hit = forbid.packages.some((pattern) =>
      pattern.endsWith('/*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
    );
    return hit ? `'${specifier}'` : undefined;
  }
  if ('builtinsExcept' in forbid) {
    const bare = specifier.replace(/^node:/, '').split('/')[0] ?? '';
    return isBuiltin(specifier) && !forbid.builtinsExcept.includes(bare) ? `'${specifier}'` : undefined;
  }
  if (!target || target === project) return undefined;
  if ('projects' in forbid) {
    const hit = matches(forbid.projects, target) && !(forbid.except && matches(forbid.except, target));
    return hit ? `'${specifier}'` : undefined;
  }
  const chain = chainTo(context.edges, target, (reached) => matches(forbid.reaching, reached));
  if (!chain) return undefined;
  return chain.length === 1 ? `'${specifier}'` : `'${specifier}' leads to ${chain.at(-1)?.name} (${namesOf(chain)})`;
}

/** The shortest chain of imports from a project to one that is wanted, both included. */
function chainTo(edges: Context['edges'], from: Project, wanted: (project: Project) => boolean): Project[] | undefined {
  const seen = new Set([from]);
  let chains: Project[][] = [[from]];
  while (chains.length > 0) {
    const next: Project[][] = [];
    for (const chain of chains) {
      const last = chain[chain.length - 1] ?? from;
      if (wanted(last)) return chain;
      for (const project of edges.get(last) ?? []) {
        if (seen.has(project)) continue;
        seen.add(project);
        next.push([...chain, project]);
      }
    }
    chains = next;
  }
  return undefined;
}

function namesOf(chain: Project[]): string {
  return chain.map((project) => project.name).join(' > ');
}
