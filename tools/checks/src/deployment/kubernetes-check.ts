import type { Container, KubernetesObject, PodSpec } from './manifests.js';
import { keyOwner, secretVariable, type Fault, type Service } from './service.js';

/** 25 s that a process gives its work in flight, and some to spare. */
const leastGraceSeconds = 30;

interface Workload {
  name: string;
  pod: PodSpec;
  container: Container;
}

/**
 * Holds the objects of the base against the services. `built` tells whether kustomize has applied its patches; without
 * them only what the files themselves say is checked.
 */
export function checkKubernetes(objects: KubernetesObject[], services: readonly Service[], built: boolean): Fault[] {
  const named = (kind: string, name: string): KubernetesObject | undefined =>
    objects.find((object) => object.kind === kind && object.metadata.name === name);
  const faults: Fault[] = [];
  for (const { name } of services) {
    const deployment = named('Deployment', name);
    const workload = workloadOf(deployment);
    if (!deployment || !workload) {
      faults.push({ at: name, rule: 'kubernetes-deployment', remedy: `add a Deployment named ${name}` });
      continue;
    }
    faults.push(...checkWorkload(workload, built), ...checkService(workload));
    if ((deployment.spec?.replicas ?? 1) > 1 && !named('PodDisruptionBudget', name)) {
      faults.push({ at: name, rule: 'kubernetes-disruption', remedy: `${name}: add a PodDisruptionBudget` });
    }
    const wanted = JSON.stringify(deployment.spec?.selector?.matchLabels);
    if (wanted !== JSON.stringify(pickLabels(deployment))) {
      faults.push({ at: name, rule: 'kubernetes-labels', remedy: `${name}: selector and pod labels differ` });
    }
  }
  const migration = workloadOf(named('Job', 'migrate'));
  if (migration) faults.push(...checkWorkload(migration, built));
  else faults.push({ at: 'migrate', rule: 'kubernetes-migration', remedy: 'add a Job named migrate' });
  return faults;
}

function workloadOf(object: KubernetesObject | undefined): Workload | undefined {
  const pod = object?.spec?.template?.spec;
  const container = pod?.containers[0];
  return object && pod && container ? { name: object.metadata.name, pod, container } : undefined;
}

/** The pod's labels that the selector names. */
function pickLabels(deployment: KubernetesObject): Record<string, string | undefined> {
  const labels = deployment.spec?.template?.metadata?.labels ?? {};
  const names = Object.keys(deployment.spec?.selector?.matchLabels ?? {});
  return Object.fromEntries(names.map((name) => [name, labels[name]]));
}

/** What every pod must have, the migration's included. */
function checkWorkload({ name, pod, container }: Workload, built: boolean): Fault[] {
  const faults: Fault[] = [];
  const need = (ok: boolean, rule: string, remedy: string): void => {
    if (!ok) faults.push({ at: name, rule, remedy: `${name}: ${remedy}` });
  };
  const image = container.image.replace(/:[^/]*$/, '');
  need(image === `millrace/${name}`, 'kubernetes-image', `its image must be millrace/${name}`);
  const { requests = {}, limits = {} } = container.resources ?? {};
  const sized = 'cpu' in requests && 'memory' in requests && 'memory' in limits;
  need(sized, 'kubernetes-resources', 'give it requests for cpu and memory and a limit for memory');
  for (const { name: variable, value, valueFrom } of container.env ?? []) {
    if (!secretVariable.test(variable)) continue;
    const secret = valueFrom?.secretKeyRef?.name;
    need(value === undefined && secret !== undefined, 'kubernetes-secret', `${variable} must come from a Secret`);
    const owner = keyOwner(variable, name);
    const own = `millrace-key-${owner}`;
    if (owner) need(secret === own, 'kubernetes-key', `${variable} must come from the Secret ${own}`);
    if (variable === 'MASTER_KEY') need(name === 'api', 'master-key', 'only api may have MASTER_KEY');
  }
  if (!built) return faults;
  const context = container.securityContext;
  const hardened =
    pod.securityContext?.runAsNonRoot === true &&
    pod.automountServiceAccountToken === false &&
    context?.allowPrivilegeEscalation === false &&
    context.readOnlyRootFilesystem === true &&
    context.capabilities?.drop?.includes('ALL') === true;
  need(hardened, 'kubernetes-hardening', 'hardening.yaml must apply to it');
  need(pod.containers.length === 1, 'kubernetes-hardening', 'hardening.yaml covers one container in a pod');
  return faults;
}

/** What a pod must have that serves until it is told to stop. */
function checkService({ name, pod, container }: Workload): Fault[] {
  const ready = container.readinessProbe?.httpGet?.path === '/health/ready';
  const live = container.livenessProbe?.httpGet?.path === '/health/live';
  const grace = pod.terminationGracePeriodSeconds ?? 0;
  const faults: Fault[] = [];
  if (!ready) faults.push({ at: name, rule: 'kubernetes-probe', remedy: `${name}: readiness must ask /health/ready` });
  if (!live) faults.push({ at: name, rule: 'kubernetes-probe', remedy: `${name}: liveness must ask /health/live` });
  if (grace < leastGraceSeconds) {
    const remedy = `${name}: terminationGracePeriodSeconds must be ${leastGraceSeconds} or more, for draining`;
    faults.push({ at: name, rule: 'kubernetes-drain', remedy });
  }
  return faults;
}
