import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

import { afterEach, describe, expect, it } from 'vitest';

const CHILD = fileURLToPath(new URL('exit-child.fixture.mjs', import.meta.url));
let child: ChildProcessByStdio<Writable, Readable, null>;

function spawnChild(): void {
  child = spawn(process.execPath, [CHILD], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdout.setEncoding('utf8');
}

afterEach(() => {
  child.kill('SIGKILL');
});

describe('a process that exits', () => {
  it('has its last lines written', async () => {
    spawnChild();
    let output = '';
    child.stdout.on('data', (text: string) => (output += text));
    child.stdin.write('go');
    const [code] = (await once(child, 'close')) as [number | null];
    expect(code).toBe(3);
    const lines = output.split('\n').slice(0, -1);
    expect(lines.map((line) => (JSON.parse(line) as { line?: number }).line)).toHaveLength(501);
  });

  it('ends although nobody reads its lines any more', async () => {
    spawnChild();
    await once(child.stdout, 'data');
    child.stdout.destroy();
    child.stdin.write('go');
    const [code] = (await once(child, 'exit', { signal: AbortSignal.timeout(5_000) })) as [number | null];
    expect(code).toBe(3);
  });
});
