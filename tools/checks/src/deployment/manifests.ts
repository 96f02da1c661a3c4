import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse, parseAllDocuments } from 'yaml';

/** The parts of a Kubernetes object that the checks look at. */
export interface KubernetesObject {
  kind: string;
  metadata: { name: string };
  spec?: {
    replicas?: number;
    selector?: { matchLabels?: Record<string, string> };
    template?: { metadata?: { labels?: Record<string, string> }; spec: PodSpec };
  };
}

export interface PodSpec {
  terminationGracePeriodSeconds?: number;
  automountServiceAccountToken?: boolean;
  securityContext?: { runAsNonRoot?: boolean; runAsUser?: number };
  containers: Container[];
}

export interface Container {
  image: string;
  env?: EnvironmentVariable[];
  readinessProbe?: Probe;
  livenessProbe?: Probe;
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
  securityContext?: {
    allowPrivilegeEscalation?: boolean;
    readOnlyRootFilesystem?: boolean;
    capabilities?: { drop?: string[] };
  };
}

export interface Probe {
  httpGet?: { path: string };
}

export interface EnvironmentVariable {
  name: string;
  value?: string;
  valueFrom?: { secretKeyRef?: { name: string }; configMapKeyRef?: { name: string; key: string } };
}

export interface ComposeService {
  build?: { target?: string };
  image?: string;
  environment?: Record<string, string>;
  depends_on?: Record<string, { condition: string }>;
  networks?: string[];
}

export type Rendered =
  | { outcome: 'built'; objects: KubernetesObject[] }
  /** kubectl is not there: the objects of the files as they are, without what kustomize adds. */
  | { outcome: 'parsed'; objects: KubernetesObject[] }
  | { outcome: 'refused'; reason: string };

/** Builds a kustomization as `kubectl apply -k` would, without a cluster. */
export function renderKustomization(root: string, folder: string, kubectl = 'kubectl'): Rendered {
  const built = spawnSync(kubectl, ['kustomize', folder], { cwd: root, encoding: 'utf8', timeout: 60_000 });
  if (built.error && 'code' in built.error && built.error.code === 'ENOENT') {
    return { outcome: 'parsed', objects: parseKustomization(root, folder) };
  }
  if (built.status !== 0) return { outcome: 'refused', reason: built.stderr.trim() || String(built.error) };
  return { outcome: 'built', objects: parseObjects(built.stdout) };
}

/** The services of a compose file, anchors and merge keys resolved, variables left as they are written. */
export function readCompose(text: string): Record<string, ComposeService> {
  const { services } = parse(text, { merge: true }) as { services: Record<string, ComposeService> };
  return services;
}

function parseKustomization(root: string, folder: string): KubernetesObject[] {
  const read = (file: string): string => readFileSync(path.join(root, folder, file), 'utf8');
  const { resources = [] } = parse(read('kustomization.yaml')) as { resources?: string[] };
  const known = new Set(readdirSync(path.join(root, folder)));
  return resources.filter((file) => known.has(file)).flatMap((file) => parseObjects(read(file)));
}

function parseObjects(text: string): KubernetesObject[] {
  return parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject);
}
