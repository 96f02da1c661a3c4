import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface RunningProcess {
  /** The first value that its log has of the wanted field. */
  field: string;
  /** Ends it; resolves with its exit code. */
  stop(): Promise<number | null>;
}

/** Starts a built app, such as `sandbox`: `npx tsc -b` makes it. Resolves when its log tells `field`. */
export async function processOf(app: string, env: Record<string, string>, field: string): Promise<RunningProcess> {
  const main = fileURLToPath(new URL(`../../../${app}/dist/main.js`, import.meta.url));
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const value = (JSON.parse(line) as Record<string, string | number | undefined>)[field];
    if (value === undefined) continue;
    return {
      field: String(value),
      async stop() {
        if (child.exitCode !== null) return child.exitCode;
        const exit = once(child, 'exit');
        child.kill('SIGTERM');
        return ((await exit) as [number | null])[0];
      },
    };
  }
  throw new Error(`${main} ended before it told its ${field}`);
}
