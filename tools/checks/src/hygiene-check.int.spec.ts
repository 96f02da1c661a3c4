import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { formatFinding } from './finding.js';
import { checkHygiene, maxLines } from './hygiene-check.js';
import { plantWorkspace, removeWorkspaces } from './planted-workspace.fixture.js';

function report(files: Record<string, string>): string[] {
  return checkHygiene(plantWorkspace({ files })).findings.map(formatFinding);
}

/** In two halves, or the check would find it here. */
const planned = ['TO', 'DO'].join('');
const longText = 'export {};\n'.repeat(maxLines + 1);

describe('the hygiene check', () => {
  afterEach(removeWorkspaces);

  it('passes a workspace in good order', () => {
    expect(report({})).toEqual([]);
  });

  it.each([
    ['file-length', { 'libs/alpha/src/long.ts': longText }, `libs/alpha/src/long.ts:${maxLines + 1}`],
    ['vague-name', { 'libs/alpha/src/date-utils.ts': '' }, 'libs/alpha/src/date-utils.ts:1'],
    ['one-door', { 'libs/alpha/src/inner/index.ts': '' }, 'libs/alpha/src/inner/index.ts:1'],
    ['planning-word', { 'libs/alpha/src/a.ts': `\n// ${planned} later\n` }, 'libs/alpha/src/a.ts:2'],
    ['project-build', { 'tsconfig.json': '{ "references": [{ "path": "./libs/alpha" }] }' }, 'tsconfig.json:1'],
    [
      'lockfile-complete',
      {
        'package-lock.json':
          '{ "packages": { "node_modules/a": { "optionalDependencies": { "a-linux-x64": "1.0.0" } } } }',
      },
      'package-lock.json:1',
    ],
    [
      'project-licence',
      { 'libs/alpha/package.json': manifest({ license: 'UNLICENSED' }) },
      'libs/alpha/package.json:1',
    ],
    ['project-private', { 'libs/alpha/package.json': manifest({ private: false }) }, 'libs/alpha/package.json:1'],
    ['project-module', { 'libs/alpha/package.json': manifest({ type: 'commonjs' }) }, 'libs/alpha/package.json:1'],
    ['project-name', { 'libs/alpha/package.json': manifest({ name: 'alpha' }) }, 'libs/alpha/package.json:1'],
    [
      'project-readme',
      { 'libs/new/package.json': manifest({}), 'libs/new/tsconfig.json': '{}' },
      'libs/new/README.md:1',
    ],
    [
      'project-tsconfig',
      { 'libs/new/package.json': manifest({}), 'libs/new/README.md': '' },
      'libs/new/tsconfig.json:1',
    ],
    [
      'component-conformance',
      { 'apps/components/pet/src/conformance.int.spec.ts': '// describeComponent(pet)\n' },
      'apps/components/pet/package.json:1',
    ],
    ['tests-in-build', { 'libs/alpha/src/a.fixture.ts': '' }, 'libs/alpha/tsconfig.json:1'],
  ])('reports %s', (rule, files, at) => {
    expect(report(files).map((line) => line.split(': ').slice(0, 2).join(': '))).toContain(`${at}: ${rule}`);
  });

  it('leaves a generated file its length', () => {
    expect(report({ 'libs/alpha/src/made.ts': `// @generated\n${longText}` })).toEqual([]);
  });

  it('passes this repository', () => {
    expect(checkHygiene(path.resolve(import.meta.dirname, '../../..')).findings.map(formatFinding)).toEqual([]);
  });
});

function manifest(change: Record<string, unknown>): string {
  return JSON.stringify({ name: '@millrace/alpha', private: true, license: 'Apache-2.0', type: 'module', ...change });
}
