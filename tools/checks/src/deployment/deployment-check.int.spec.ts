import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatFinding } from '../finding.js';
import { listFiles } from '../files.js';
import { readWorkspace } from '../workspace.js';
import { checkDeployment } from './deployment-check.js';
import { renderKustomization } from './manifests.js';

const repository = path.resolve(import.meta.dirname, '../../../..');
const dockerfile = 'docker/Dockerfile';
const compose = 'docker/compose.yaml';
const absent = 'kubectl-that-is-not-there';
const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;
const hasCompose = spawnSync('docker', ['compose', 'version']).status === 0;

/** A copy of what the check reads, in a temporary folder; a test puts back what it changes. */
let root = '';

beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'millrace-deployment-'));
  const { projects } = readWorkspace(repository);
  const files = projects.flatMap(({ folder }) => [
    `${folder}/package.json`,
    ...listFiles(repository, folder).filter((file) => /\/src\/.*\.ts$/.test(file)),
  ]);
  for (const file of ['package.json', 'docker', 'k8s', ...files]) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    cpSync(path.join(repository, file), path.join(root, file), { recursive: true });
  }
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The rules that are reported after one text of one file has been replaced. */
function rulesAfter(file: string, text: string | RegExp, change: { to: string; kubectl?: string }): string[] {
  const before = readFileSync(path.join(root, file), 'utf8');
  const after = before.replace(text, change.to);
  expect(after, `${String(text)} stands in ${file}`).not.toBe(before);
  try {
    writeFileSync(path.join(root, file), after);
    return rulesReported(change.kubectl);
  } finally {
    writeFileSync(path.join(root, file), before);
  }
}

function rulesReported(kubectl?: string): string[] {
  return [...new Set(checkDeployment(root, kubectl).findings.map(({ rule }) => rule))];
}

function composeConfig(secrets: Record<string, string>): SpawnSyncReturns<string> {
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], ...secrets };
  const args = ['compose', '--env-file', '/dev/null', '-f', compose, 'config', '--quiet'];
  return spawnSync('docker', args, { cwd: repository, encoding: 'utf8', env });
}

describe('the deployment check', () => {
  it('passes this repository', () => {
    expect(checkDeployment(repository).findings.map(formatFinding)).toEqual([]);
  });

  it.each([
    ['image-target', dockerfile, 'FROM runtime AS orchestrator', 'FROM runtime AS conductor'],
    ['image-packages', dockerfile, 'RUN pack @millrace/api', 'RUN pack @millrace/sandbox'],
    ['image-entry', dockerfile, 'CMD ["apps/sandbox/dist/main.js"]', 'CMD ["apps/api/dist/main.js"]'],
    ['image-user', dockerfile, 'USER 1000:1000', 'USER root'],
    ['image-health', dockerfile, /HEALTHCHECK --interval[^\n]*\n[^\n]*\n/, ''],
    ['missing-entry', compose, 'apps/api/dist/bootstrap.js', 'apps/api/dist/bootstrapp.js'],
    ['compose-service', compose, '\n  orchestrator:', '\n  conductor:'],
    ['compose-target', compose, 'target: sandbox', 'target: api'],
    ['compose-secret', compose, /MASTER_KEY: .*/, 'MASTER_KEY: ${MASTER_KEY:-AAAA}'],
    ['compose-key', compose, 'CREDENTIAL_KEY: ${CREDENTIAL_KEY_PETSTORE', 'CREDENTIAL_KEY: ${CREDENTIAL_KEY_WEBHOOK'],
    ['compose-order', compose, ': { condition: service_completed_successfully }', ': { condition: service_started }'],
    ['compose-example', 'docker/.env.example', 'RABBITMQ_PASSWORD=', ''],
    ['compose-default', 'docker/.env.example', 'RABBITMQ_PASSWORD=', 'RABBITMQ_PASSWORD=guest'],
    ['master-key', compose, 'CREDENTIAL_KEY: ${CREDENTIAL_KEY_PETSTORE:?', 'MASTER_KEY: ${MASTER_KEY:?'],
    ['unknown-variable', compose, 'AMQP_URL: *amqp-url', 'AMQP_URI: *amqp-url'],
    ['kubernetes-deployment', 'k8s/base/kustomization.yaml', '  - orchestrator.yaml\n', ''],
    ['kubernetes-migration', 'k8s/base/kustomization.yaml', '  - migrate.yaml\n', ''],
    ['kubernetes-image', 'k8s/base/api.yaml', 'image: millrace/api', 'image: millrace/apis'],
    ['kubernetes-labels', 'k8s/base/api.yaml', /matchLabels: .*/, 'matchLabels: { app: api }'],
    ['kubernetes-probe', 'k8s/base/api.yaml', 'path: /health/ready', 'path: /'],
    ['kubernetes-drain', 'k8s/base/api.yaml', 'GracePeriodSeconds: 40', 'GracePeriodSeconds: 5'],
    ['kubernetes-resources', 'k8s/base/api.yaml', 'limits: { memory', 'limits: { cpu'],
    [
      'kubernetes-secret',
      'k8s/base/api.yaml',
      /name: DATABASE_URL\n.*/,
      "name: DATABASE_URL\n              value: 'x'",
    ],
    ['kubernetes-key', 'k8s/base/component-petstore.yaml', 'millrace-key-petstore', 'millrace-key-webhook'],
    ['kubernetes-disruption', 'k8s/base/api.yaml', /---\napiVersion: policy[^]*/, ''],
  ])('reports %s, planted in %s', (rule, file, text, to) => {
    expect(rulesAfter(file, text, { to, kubectl: absent })).toContain(rule);
  });

  it.skipIf(!hasKubectl).each([
    ['kubernetes-build', 'kustomization.yaml', '  - migrate.yaml\n', '  - migration.yaml\n'],
    ['kubernetes-hardening', 'hardening.yaml', 'readOnlyRootFilesystem: true', 'readOnlyRootFilesystem: false'],
    ['kubernetes-hardening', 'kustomization.yaml', 'target: { kind: Job }', 'target: { kind: CronJob }'],
  ])('reports %s, planted in %s, where kubectl builds the base', (rule, file, text, to) => {
    expect(rulesAfter(`k8s/base/${file}`, text, { to })).toContain(rule);
  });

  it('demands an image, a service and a Deployment of every new app', () => {
    const folder = path.join(root, 'apps/components/planted');
    mkdirSync(folder);
    const nx = { tags: ['type:component', 'scope:planted', 'runtime:nest'] };
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: '@millrace/component-planted', nx }));
    const rules = rulesReported(absent);
    rmSync(folder, { recursive: true });
    expect(rules).toEqual(['image-target', 'compose-service', 'kubernetes-deployment']);
  });

  it('parses the files and says what it left out where kubectl is not installed', () => {
    const { findings, skipped } = checkDeployment(repository, absent);
    expect(findings).toEqual([]);
    expect(skipped).toEqual([expect.stringMatching(/kubectl is not installed.*hardening\.yaml is unchecked/)]);
  });

  it.skipIf(!hasKubectl)('builds the example overlay, every image with a version', () => {
    const rendered = renderKustomization(repository, 'k8s/overlays/example');
    if (rendered.outcome !== 'built') throw new Error(JSON.stringify(rendered));
    const images = rendered.objects.flatMap(
      ({ spec }) => spec?.template?.spec.containers.map(({ image }) => image) ?? [],
    );
    expect(images.length).toBeGreaterThan(0);
    expect(images.filter((image) => !/:\d+\.\d+\.\d+$/.test(image))).toEqual([]);
  });

  it.skipIf(!hasCompose)('is accepted by docker compose, and refused without its secrets', () => {
    expect(composeConfig({})).toMatchObject({ status: 1, stderr: expect.stringContaining('see docker/README.md') });
    const names = [...readFileSync(path.join(repository, compose), 'utf8').matchAll(/\$\{([A-Z_]+):\?/g)];
    const secrets = Object.fromEntries(names.map(([, name]) => [name, 'x']));
    expect(composeConfig(secrets)).toMatchObject({ status: 0 });
  });
});
