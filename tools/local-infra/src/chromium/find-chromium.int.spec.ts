import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { findChromium } from './find-chromium.js';

const folder = mkdtempSync(join(tmpdir(), 'millrace-chromium-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('finds Chromium in PATH, under whichever of its names', async () => {
  const program = join(folder, 'chromium-browser');
  writeFileSync(program, '');
  expect(await findChromium({ PATH: folder })).not.toBe(program);
  chmodSync(program, 0o755);
  expect(await findChromium({ PATH: `/nowhere:${folder}` })).toBe(program);
});

it('takes the one that CHROMIUM_PATH names, and says so when that is none', async () => {
  const program = join(folder, 'own');
  await expect(findChromium({ PATH: folder, CHROMIUM_PATH: program })).rejects.toThrow('CHROMIUM_PATH names');
  writeFileSync(program, '', { mode: 0o755 });
  expect(await findChromium({ PATH: folder, CHROMIUM_PATH: program })).toBe(program);
});
