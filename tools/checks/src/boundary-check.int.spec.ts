import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { checkBoundaries } from './boundary-check.js';
import { formatFinding } from './finding.js';
import { boundaryRules, structureRemedies } from './rules.js';
import { plantWorkspace, removeWorkspaces, type Plant } from './planted-workspace.fixture.js';

/** A violation and what must be reported for it, up to the remedy. */
interface Case extends Plant {
  rule: string;
  /** `file:line`, where the report must point. */
  at: string;
}

const source = (project: string, text: string): Record<string, string> => ({ [`${project}/src/planted.ts`]: text });
const imports = (name: string): string => `import '${name}';\n`;

const cases: Case[] = [
  {
    rule: 'library-below-app',
    at: 'libs/alpha/src/planted.ts:1',
    files: source('libs/alpha', imports('@millrace/shop')),
    dependencies: { 'libs/alpha': ['@millrace/shop'] },
  },
  {
    rule: 'testing-below-app',
    at: 'libs/testing/src/planted.ts:1',
    files: source('libs/testing', imports('@millrace/shop')),
    dependencies: { 'libs/testing': ['@millrace/shop'] },
  },
  {
    rule: 'tool-beside-app',
    at: 'tools/saw/src/planted.ts:1',
    files: source('tools/saw', imports('@millrace/shop')),
    dependencies: { 'tools/saw': ['@millrace/shop'] },
  },
  {
    rule: 'app-stands-alone',
    at: 'apps/desk/src/planted.ts:2',
    files: source('apps/desk', `const a = 1;\nexport const b = [a, await import('@millrace/shop')];\n`),
    dependencies: { 'apps/desk': ['@millrace/shop'] },
  },
  {
    rule: 'component-door',
    at: 'apps/components/pet/src/planted.ts:1',
    files: source('apps/components/pet', imports('@millrace/alpha')),
    dependencies: { 'apps/components/pet': ['@millrace/alpha'] },
  },
  {
    rule: 'pure-knows-pure',
    at: 'libs/pure/src/planted.ts:1',
    files: source('libs/pure', `export type A = import('@millrace/alpha').A;\n`),
    dependencies: { 'libs/pure': ['@millrace/alpha'] },
  },
  {
    rule: 'pure-without-io',
    at: 'libs/pure/src/planted.ts:2',
    files: source(
      'libs/pure',
      `import { createHash } from 'node:crypto';\nexport { readFile } from 'node:fs/promises';\n`,
    ),
  },
  {
    rule: 'browser-knows-pure',
    at: 'apps/glass/src/planted.ts:1',
    files: source('apps/glass', imports('@millrace/alpha')),
    dependencies: { 'apps/glass': ['@millrace/alpha'] },
  },
  {
    rule: 'browser-without-node',
    at: 'apps/glass/src/planted.ts:1',
    files: source('apps/glass', imports('node:path')),
  },
  {
    rule: 'nest-at-the-edge',
    at: 'libs/alpha/src/planted.ts:1',
    files: source('libs/alpha', `import type { Type } from '@nestjs/common';\n`),
    dependencies: { 'libs/alpha': ['@nestjs/common'] },
  },
  {
    rule: 'one-broker-client',
    at: 'apps/shop/src/planted.ts:1',
    files: source('apps/shop', imports('amqplib')),
    dependencies: { 'apps/shop': ['amqplib'] },
  },
  {
    rule: 'one-database-client',
    at: 'apps/shop/src/planted.ts:1',
    files: source('apps/shop', `export * from 'pg';\n`),
    dependencies: { 'apps/shop': ['pg'] },
  },
  {
    rule: 'amqp-without-domain',
    at: 'libs/amqp/src/planted.ts:1',
    files: source('libs/amqp', imports('@millrace/pure')),
    dependencies: { 'libs/amqp': ['@millrace/pure'] },
  },
  {
    rule: 'observability-without-domain',
    at: 'libs/observability/src/planted.ts:1',
    files: source('libs/observability', imports('@millrace/pure')),
    dependencies: { 'libs/observability': ['@millrace/pure'] },
  },
  ...(
    [
      ['persistence-without-broker', 'persistence', 'amqp'],
      ['credentials-without-broker', 'credentials', 'amqp'],
      ['mapping-without-infrastructure', 'mapping', 'persistence'],
      ['mapping-without-infrastructure', 'mapping-sandbox', 'amqp'],
      ['sdk-without-infrastructure', 'component-sdk', 'amqp'],
      ['runtime-without-database', 'component-runtime', 'persistence'],
      ['platform-without-domain', 'platform', 'flow-model'],
    ] as const
  ).map(([rule, from, to]) => ({
    rule,
    at: `libs/${from}/src/planted.ts:1`,
    files: source(`libs/${from}`, imports(`@millrace/${to}`)),
    dependencies: { [`libs/${from}`]: [`@millrace/${to}`] },
  })),
  {
    rule: 'computed-import',
    at: 'apps/shop/src/planted.ts:1',
    files: source('apps/shop', `export const load = (name: string) => import(name);\n`),
  },
  {
    rule: 'relative-across-projects',
    at: 'apps/shop/src/planted.ts:1',
    files: source('apps/shop', imports('../../../libs/alpha/src/index.js')),
  },
  {
    rule: 'library-inside',
    at: 'apps/shop/src/planted.ts:1',
    files: source('apps/shop', imports('@millrace/alpha/src/index.js')),
    dependencies: { 'apps/shop': ['@millrace/alpha'] },
  },
  {
    rule: 'undeclared-package',
    at: 'apps/shop/src/planted.ts:1',
    files: source('apps/shop', imports('zod')),
  },
  {
    rule: 'missing-reference',
    at: 'apps/shop/tsconfig.json:1',
    files: { 'apps/shop/tsconfig.json': '{ "references": [] }' },
    dependencies: { 'apps/shop': ['@millrace/alpha'] },
  },
  {
    rule: 'surplus-reference',
    at: 'apps/shop/tsconfig.json:3',
    files: { 'apps/shop/tsconfig.json': '{ "references": [\n\n{ "path": "../../libs/alpha" }] }' },
  },
  {
    rule: 'unknown-tag',
    at: 'libs/odd/package.json:1',
    files: {
      'libs/odd/package.json':
        '{ "name": "@millrace/odd", "nx": { "tags": ["type:lib", "scope:odd", "runtime:moon"] } }',
    },
  },
];

function report(plant: Plant): string[] {
  return checkBoundaries(plantWorkspace(plant)).findings.map(formatFinding);
}

describe('the boundary check', () => {
  afterEach(removeWorkspaces);

  it.each(cases)('reports a planted breach of $rule, and nothing else', ({ rule, at, ...plant }) => {
    const lines = report(plant);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(new RegExp(`^${at}: ${rule}: .{20}`));
  });

  it('has a planted breach for every rule there is', () => {
    const names = [...boundaryRules.map(({ name }) => name), ...Object.keys(structureRemedies)];
    expect([...new Set(cases.map(({ rule }) => rule))].sort()).toEqual(names.sort());
  });

  it('passes the workspace into which the breaches are planted', () => {
    expect(report({ files: {} })).toEqual([]);
  });

  it('follows imports through other libraries and shows the chain', () => {
    const lines = report({
      files: {
        ...source('libs/persistence', imports('@millrace/alpha')),
        ...source('libs/alpha', imports('@millrace/amqp')),
      },
      dependencies: { 'libs/persistence': ['@millrace/alpha'], 'libs/alpha': ['@millrace/amqp'] },
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain("'@millrace/alpha' leads to @millrace/amqp (@millrace/alpha > @millrace/amqp)");
  });

  it.each(['src/shared.fixture.ts', 'test/shared.ts'])('takes %s for a part of the specs', (file) => {
    expect(report({ files: { [`libs/pure/${file}`]: imports('@millrace/testing') } })).toEqual([]);
  });

  it('lets a spec use test support, development packages and files, and nothing more', () => {
    const text = ['vitest', '@millrace/testing', 'node:fs', 'amqplib'].map(imports).join('');
    const lines = report({ files: { 'libs/pure/src/planted.spec.ts': text } });
    expect(lines.map((line) => line.split(': ').slice(0, 2).join(' '))).toEqual([
      'libs/pure/src/planted.spec.ts:4 undeclared-package',
      'libs/pure/src/planted.spec.ts:4 one-broker-client',
    ]);
  });

  it('passes this repository', () => {
    const root = path.resolve(import.meta.dirname, '../../..');
    expect(checkBoundaries(root).findings.map(formatFinding)).toEqual([]);
  });
});
