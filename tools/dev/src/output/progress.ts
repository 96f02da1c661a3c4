import { styleText } from 'node:util';

/** Whether the terminal shows colours; also off with NO_COLOR. */
export const colourful = process.stdout.isTTY && !process.env['NO_COLOR'];

type Style = Parameters<typeof styleText>[0];

/** Colours a text when the terminal shows colours. */
export function paint(style: Style, text: string): string {
  return colourful ? styleText(style, text) : text;
}

/** Seconds for people. */
export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/** What a step may say while it runs and after it. */
export interface StepTalk {
  /** A remark under the step, such as that something is being installed. */
  readonly note: (line: string) => void;
  /** Replaces the text of the finished step. */
  readonly title: (text: string) => void;
}

const running = new Set<{ title: string }>();

/** Prints a line above the line that tells which steps are running. */
export function printLine(text: string): void {
  if (process.stdout.isTTY && running.size > 0) process.stdout.write('\u001b[2K\r');
  console.log(text);
  showRunning();
}

function showRunning(): void {
  if (!process.stdout.isTTY || running.size === 0) return;
  const titles = [...running].map(({ title }) => title).join(', ');
  process.stdout.write(`\u001b[2K\r  ${paint('dim', `${titles} …`)}\r`);
}

/** Runs one step of a command and prints it with its time: `✓ Postgres 15 on port 5433  0.8 s`. */
export async function step<T>(title: string, act: (talk: StepTalk) => Promise<T>): Promise<T> {
  const startedAt = Date.now();
  const self = { title };
  running.add(self);
  showRunning();
  const end = (mark: string): void => {
    running.delete(self);
    if (process.stdout.isTTY) process.stdout.write('\u001b[2K\r');
    printLine(`${mark} ${self.title}  ${paint('dim', seconds(Date.now() - startedAt))}`);
  };
  try {
    const result = await act({
      note: (line) => printLine(`  ${paint('dim', line)}`),
      title(text) {
        self.title = text;
      },
    });
    end(paint('green', '✓'));
    return result;
  } catch (error) {
    end(paint('red', '✗'));
    throw error;
  }
}
