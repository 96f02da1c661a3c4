import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const notCopied = new Set(['node_modules', '.git', '.millrace', '.nx', 'coverage']);

/** A copy of the repository as it is built, whose packages are those of this one: `npx tsc -b` comes first. */
let clone: string;

beforeAll(() => {
  clone = mkdtempSync(path.join(tmpdir(), 'millrace-new-component-'));
  cpSync(root, clone, {
    recursive: true,
    preserveTimestamps: true,
    filter: (source) => !notCopied.has(path.basename(source)),
  });
  for (const folder of ['', 'apps', 'libs'].flatMap((parent) =>
    parent === '' ? ['', 'bench', 'chaos'] : readdirSync(path.join(root, parent)).map((name) => `${parent}/${name}`),
  )) {
    const packages = path.join(root, folder, 'node_modules');
    if (existsSync(packages) && folder !== '') symlinkSync(packages, path.join(clone, folder, 'node_modules'));
  }
  const own = path.join(clone, 'node_modules');
  mkdirSync(path.join(own, '@millrace'), { recursive: true });
  for (const name of readdirSync(path.join(root, 'node_modules'))) {
    if (name !== '@millrace' && name !== '.millrace-packages') {
      symlinkSync(path.join(root, 'node_modules', name), path.join(own, name));
    }
  }
  for (const name of readdirSync(path.join(root, 'node_modules/@millrace'))) {
    symlinkSync(readlinkSync(path.join(root, 'node_modules/@millrace', name)), path.join(own, '@millrace', name));
  }
  const lock = readFileSync(path.join(clone, 'package-lock.json'));
  writeFileSync(path.join(own, '.millrace-packages'), createHash('sha256').update(lock).digest('hex'));
});
afterAll(() => rmSync(clone, { recursive: true, force: true }));

interface Ended {
  ok: boolean;
  text: string;
}

/** Runs Node in the clone, not as a part of this test run. */
async function node(...args: string[]): Promise<Ended> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:VITEST|TEST$|NODE_ENV$)/.test(name)),
  );
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: clone, env });
    return { ok: true, text: stdout + stderr };
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    return { ok: false, text: stdout + stderr };
  }
}

/** Every file that people write, with its text. */
function snapshot(folder = ''): Map<string, string> {
  const files = readdirSync(path.join(clone, folder), { withFileTypes: true });
  return new Map(
    files
      .filter(({ name }) => !notCopied.has(name) && name !== 'dist')
      .flatMap((entry) => {
        const file = path.join(folder, entry.name);
        if (entry.isDirectory()) return [...snapshot(file)];
        return entry.isFile() ? [[file, readFileSync(path.join(clone, file), 'utf8')] as const] : [];
      }),
  );
}

const make = (name: string): Promise<Ended> => node('tools/run.mjs', 'new-component', name);
const tool = (name: string, ...args: string[]): Promise<Ended> => node(`node_modules/${name}`, ...args);

describe('npm run new-component', () => {
  it('leaves everything as it was when the name is taken, or a file is not as expected', async () => {
    const files = snapshot();
    expect(await make('petstore')).toEqual({ ok: false, text: expect.stringContaining('is there already') });
    expect(await make('Pet_store')).toEqual({ ok: false, text: expect.stringContaining('cannot be a component') });
    expect(snapshot()).toEqual(files);
    const compose = path.join(clone, 'docker/compose.yaml');
    writeFileSync(compose, 'services: {}\n');
    const changed = snapshot();
    const text = 'docker/compose.yaml is not as expected, so nothing was made: there is no “networks:';
    expect(await make('my-shop')).toEqual({ ok: false, text: expect.stringContaining(text) });
    expect(snapshot()).toEqual(changed);
    writeFileSync(compose, files.get('docker/compose.yaml') ?? '');
  }, 60_000);

  it('makes a component whose types, tests and deployment are in order at once', async () => {
    expect(await make('my-shop')).toMatchObject({ ok: true });
    const source = readFileSync(path.join(clone, 'apps/components/my-shop/src/my-shop.ts'), 'utf8');
    expect(source.trimEnd().split('\n').length).toBeLessThanOrEqual(60);

    const fine = { ok: true };
    expect(await tool('typescript/bin/tsc', '-b', 'apps/components/my-shop', 'tools/dev', 'chaos')).toMatchObject(fine);
    for (const check of ['boundaries', 'hygiene', 'deployment']) {
      expect(await node(`tools/checks/dist/${check}.js`)).toMatchObject(fine);
    }
    expect(await tool('oxfmt/bin/oxfmt', '--check', '.')).toMatchObject(fine);
    expect(await tool('oxlint/bin/oxlint', '--type-aware', 'apps/components/my-shop')).toMatchObject(fine);
    const spec = await tool('vitest/vitest.mjs', 'run', '--project', 'int', 'apps/components/my-shop');
    expect(spec).toMatchObject(fine);
    expect(spec.text).toMatch(/Tests .*\d+ passed/);
  }, 120_000);
});
