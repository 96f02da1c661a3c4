import { spawnSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

const repository = path.resolve(import.meta.dirname, '../../..');

let folder = '';

/** The rules that the linter, with the configuration of the repository, reports for a library of one source file. */
function rulesBrokenBy(text: string): string[] {
  folder = mkdtempSync(path.join(tmpdir(), 'millrace-lint-'));
  mkdirSync(path.join(folder, 'src'));
  writeFileSync(path.join(folder, 'src', 'planted.ts'), text);
  const compilerOptions = { target: 'ES2023', module: 'NodeNext', strict: true, types: [] };
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }));
  const config = path.join(repository, '.oxlintrc.json');
  const oxlint = path.join(repository, 'node_modules/oxlint/bin/oxlint');
  const args = [oxlint, '--config', config, '--type-aware', '--format', 'json', 'src'];
  const { stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string }[] };
  return diagnostics.map(({ code }) => code);
}

describe('the lint rules', () => {
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ['typescript(no-floating-promises)', 'export function f(): void {\n  Promise.resolve(1);\n}\n'],
    ['typescript(no-misused-promises)', 'export const f = (p: Promise<boolean>): number => (p ? 1 : 2);\n'],
    ['typescript(await-thenable)', 'export const f = async (n: number): Promise<number> => await n;\n'],
    ['typescript(no-explicit-any)', 'export const f = (value: any): unknown => value;\n'],
    [
      'typescript(switch-exhaustiveness-check)',
      "export function f(kind: 'a' | 'b'): void {\n  switch (kind) {\n    case 'a':\n      f('b');\n  }\n}\n",
    ],
    ['eslint(max-lines)', 'export {};\n'.repeat(401)],
    ['eslint(max-params)', 'export const f = (a: 1, b: 1, c: 1, d: 1, e: 1): number => a + b + c + d + e;\n'],
  ])('report %s', (rule, text) => {
    expect(rulesBrokenBy(text)).toContain(rule);
  });

  it('let good code pass, a promise that is let go on purpose included', () => {
    const text =
      'export async function f(): Promise<void> {\n  await Promise.resolve();\n  void Promise.resolve();\n}\n';
    expect(rulesBrokenBy(text)).toEqual([]);
  });
});
