import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeClone, notCopied, type Clone, type Ended } from './clone.fixture.js';

let clone: Clone;
beforeAll(() => {
  clone = makeClone();
});
afterAll(() => clone.remove());

/** Every file that people write, with its text. */
function snapshot(folder = ''): Map<string, string> {
  const files = readdirSync(path.join(clone.folder, folder), { withFileTypes: true });
  return new Map(
    files
      .filter(({ name }) => !notCopied.has(name) && name !== 'dist')
      .flatMap((entry) => {
        const file = path.join(folder, entry.name);
        if (entry.isDirectory()) return [...snapshot(file)];
        return entry.isFile() ? [[file, readFileSync(path.join(clone.folder, file), 'utf8')] as const] : [];
      }),
  );
}

const make = (name: string): Promise<Ended> => clone.node('tools/run.mjs', 'new-component', name);
const tool = (name: string, ...args: string[]): Promise<Ended> => clone.node(`node_modules/${name}`, ...args);

describe('npm run new-component', () => {
  it('leaves everything as it was when the name is taken, or a file is not as expected', async () => {
    const files = snapshot();
    expect(await make('petstore')).toEqual({ ok: false, text: expect.stringContaining('is there already') });
    expect(await make('Pet_store')).toEqual({ ok: false, text: expect.stringContaining('cannot be a component') });
    expect(snapshot()).toEqual(files);
    const compose = path.join(clone.folder, 'docker/compose.yaml');
    writeFileSync(compose, 'services: {}\n');
    const changed = snapshot();
    const text = 'docker/compose.yaml is not as expected, so nothing was made: there is no “networks:';
    expect(await make('my-shop')).toEqual({ ok: false, text: expect.stringContaining(text) });
    expect(snapshot()).toEqual(changed);
    writeFileSync(compose, files.get('docker/compose.yaml') ?? '');
  }, 60_000);

  it('makes a component whose types, tests and deployment are in order at once', async () => {
    expect(await make('my-shop')).toEqual({ ok: true, text: expect.any(String) as string });
    const source = readFileSync(path.join(clone.folder, 'apps/components/my-shop/src/my-shop.ts'), 'utf8');
    expect(source.trimEnd().split('\n').length).toBeLessThanOrEqual(60);

    const fine = { ok: true };
    expect(await tool('typescript/bin/tsc', '-b', 'apps/components/my-shop', 'tools/dev', 'chaos')).toMatchObject(fine);
    for (const check of ['boundaries', 'hygiene', 'deployment']) {
      expect(await clone.node(`tools/checks/dist/${check}.js`)).toMatchObject(fine);
    }
    expect(await tool('oxfmt/bin/oxfmt', '--check', '.')).toMatchObject(fine);
    expect(await tool('oxlint/bin/oxlint', '--type-aware', 'apps/components/my-shop')).toMatchObject(fine);
    const spec = await tool('vitest/vitest.mjs', 'run', '--project', 'int', 'apps/components/my-shop');
    expect(spec).toMatchObject(fine);
    expect(spec.text).toMatch(/Tests .*\d+ passed/);
  }, 120_000);
});
