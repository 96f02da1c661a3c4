import { paint, printLine } from './progress.js';
import { readableLine } from './log-line.js';

const styles = ['cyan', 'magenta', 'blue', 'green', 'yellow', 'cyanBright', 'magentaBright', 'blueBright'] as const;
const keptWhileHeld = 500;

/** The logs of several processes as one, each line with a short prefix. */
export interface MergedLog {
  /** A line that a service wrote. */
  line(service: string, line: string): void;
  /** A remark of our own about a service. */
  remark(service: string, text: string): void;
  /** Prints from now on. Of what was held back, only errors are shown: while services wait for each other, they warn. */
  open(): void;
}

/** Makes a merged log that holds everything back until it is opened. @param names the services, for the prefix */
export function mergedLog(names: readonly string[], print: (text: string) => void = printLine): MergedLog {
  const width = Math.max(...names.map((name) => name.length));
  let held: string[] | undefined = [];

  function show(service: string, text: string, important: boolean): void {
    const style = styles[Math.max(0, names.indexOf(service)) % styles.length] as (typeof styles)[number];
    const prefix = paint(style, service.padEnd(width));
    const shown = text
      .split('\n')
      .map((part) => `${prefix} ${part}`)
      .join('\n');
    if (!held) print(shown);
    else if (important && held.length < keptWhileHeld) held.push(shown);
  }

  return {
    line(service, line) {
      const { level, text } = readableLine(line);
      show(service, text, level === 'error' || level === 'fatal');
    },
    remark: (service, text) => show(service, paint('yellow', text), true),
    open() {
      const lines = held ?? [];
      held = undefined;
      for (const line of lines) print(line);
    },
  };
}
