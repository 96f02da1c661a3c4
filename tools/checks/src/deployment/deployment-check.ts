import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isSource, isTestCode, listFiles } from '../files.js';
import type { CheckResult, Finding } from '../finding.js';
import { readWorkspace, type Project } from '../workspace.js';
import { checkCompose } from './compose-check.js';
import { checkImages } from './image-check.js';
import { checkKubernetes } from './kubernetes-check.js';
import { readCompose, renderKustomization, type KubernetesObject } from './manifests.js';
import type { Fault, Service } from './service.js';

const dockerfile = 'docker/Dockerfile';
const composeFile = 'docker/compose.yaml';
const base = 'k8s/base';

/**
 * Every app and component has its image, its compose service and its Deployment, each with what it needs to be run
 * safely, and no variable is set that no process reads. With kubectl the base is built; without it its files are
 * parsed, and what kustomize would add is reported as skipped.
 */
export function checkDeployment(root: string, kubectl?: string): CheckResult {
  const read = (file: string): string =>
    existsSync(path.join(root, file)) ? readFileSync(path.join(root, file), 'utf8') : '';
  const { projects } = readWorkspace(root);
  const services = projects.flatMap(serviceOf);
  const compose = read(composeFile);
  const findings = [
    ...locate(dockerfile, read(dockerfile), checkImages(read(dockerfile), services)),
    ...locate(composeFile, compose, checkCompose(compose, read('docker/.env.example'), services)),
  ];
  findings.push(...checkEntries(root));
  const looked = `${services.length} services`;
  const rendered = renderKustomization(root, base, kubectl);
  if (rendered.outcome === 'refused') {
    const remedy = `kubectl kustomize refuses it: ${rendered.reason}`;
    findings.push({ file: `${base}/kustomization.yaml`, line: 1, rule: 'kubernetes-build', remedy });
    return { findings, looked };
  }
  const built = rendered.outcome === 'built';
  for (const fault of checkKubernetes(rendered.objects, services, built)) {
    findings.push({ file: `${base}/${fault.at}.yaml`, line: 1, rule: fault.rule, remedy: fault.remedy });
  }
  findings.push(...checkVariables({ root, projects, services, compose, objects: rendered.objects }));
  const skipped = built
    ? []
    : ['kubectl is not installed, so k8s/base was parsed, not built: hardening.yaml is unchecked'];
  return { findings, looked, skipped };
}

function serviceOf(project: Project): Service[] {
  const { type, runtime, name: packageName, folder } = project;
  if (type !== 'app' && type !== 'component') return [];
  // What runs in browsers is files that another service serves.
  if (runtime === 'browser') return [];
  return [{ name: packageName.replace('@millrace/', ''), packageName, entry: `${folder}/dist/main.js`, type }];
}

function locate(file: string, text: string, faults: Fault[]): Finding[] {
  return faults.map(({ at, rule, remedy }) => {
    const offset = text.indexOf(at);
    const before = offset === -1 ? '' : text.slice(0, offset + at.search(/\S/));
    return { file, line: before.split('\n').length, rule, remedy };
  });
}

/** Built files that a container is told to run, and that no source file gives. */
function checkEntries(root: string): Finding[] {
  return [...listFiles(root, 'docker'), ...listFiles(root, 'k8s')].flatMap((file) => {
    const lines = readFileSync(path.join(root, file), 'utf8').split('\n');
    return lines.flatMap((text, index) =>
      [...text.matchAll(/\b((?:apps|libs|tools)\/[\w/-]+)\/dist\/([\w/-]+)\.js/g)].flatMap(([entry, folder, name]) => {
        if (existsSync(path.join(root, `${folder}/src/${name}.ts`))) return [];
        return [
          { file, line: index + 1, rule: 'missing-entry', remedy: `${entry} has no source ${folder}/src/${name}.ts` },
        ];
      }),
    );
  });
}

/** Variables that compose or Kubernetes sets and that occur nowhere in the sources of the process or its libraries. */
function checkVariables(options: {
  root: string;
  projects: Project[];
  services: readonly Service[];
  compose: string;
  objects: KubernetesObject[];
}): Finding[] {
  const { root, projects, services, compose, objects } = options;
  const composed = readCompose(compose);
  const ownSources = new Map(projects.map((project) => [project.name, readSources(root, project)]));
  return services.flatMap(({ name, packageName }) => {
    const text = sourcesOf(projects, packageName, ownSources);
    if (text === '') return [];
    const container = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name)?.spec
      ?.template?.spec.containers[0];
    const set = [
      ...Object.keys(composed[name]?.environment ?? {}).map((variable) => [composeFile, variable] as const),
      ...(container?.env ?? []).map((variable) => [`${base}/${name}.yaml`, variable.name] as const),
    ];
    return set
      .filter(([, variable]) => !new RegExp(`\\b${variable}\\b`).test(text))
      .map(([file, variable]) => ({
        file,
        line: 1,
        rule: 'unknown-variable',
        remedy: `${name} does not read ${variable}`,
      }));
  });
}

function readSources(root: string, project: Project): string {
  return listFiles(root, project.folder)
    .filter((file) => isSource(file) && !isTestCode(file))
    .map((file) => readFileSync(path.join(root, file), 'utf8'))
    .join('\n');
}

/** The sources of a project and of every project that it needs; empty while it has none. */
function sourcesOf(projects: Project[], packageName: string, ownSources: ReadonlyMap<string, string>): string {
  const needed = new Set([packageName]);
  // A set is walked in the order of insertion, and what is added on the way is walked too.
  for (const name of needed) {
    for (const dependency of projects.find((project) => project.name === name)?.dependencies ?? [])
      needed.add(dependency);
  }
  return [...needed]
    .map((name) => ownSources.get(name) ?? '')
    .join('\n')
    .trim();
}
