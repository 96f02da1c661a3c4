import { type ExecFileOptions, execFile } from 'node:child_process';

/** What a finished command left. */
export interface CommandResult {
  readonly ok: boolean;
  readonly stdout: string;
  /** What both streams held, or why the command did not start. */
  readonly output: string;
  /** The last lines of `output`, for an error message. */
  readonly tail: string;
}

/** Runs a command to its end without a shell. Never rejects: a command that is missing or fails has `ok: false`. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: ExecFileOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve) => {
    execFile(
      command,
      [...args],
      { maxBuffer: 64 * 1024 * 1024, ...options, encoding: 'utf8' },
      (error, stdout, stderr) => {
        const text = `${stdout}${stderr}`.trim() || (error?.message ?? '');
        resolve({ ok: error === null, stdout, output: text, tail: lastLines(text, 20) });
      },
    );
  });
}

/** The last lines of a text. */
export function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
