import { paint } from './progress.js';

const hidden = new Set(['level', 'time', 'msg', 'service', 'pid', 'hostname', 'name', 'err']);
const levelNames: Record<number, string> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};
const levelStyles = { warn: 'yellow', error: 'red', fatal: 'red' } as const;
const longestValue = 300;

/** One line of a service's log, ready for people. */
export interface ReadableLine {
  readonly level: string;
  /** One line, or several when an error brings its stack. */
  readonly text: string;
}

/** Turns a JSON log line into `12:00:00.123 warn message key=value`. Any other text stays as it is. */
export function readableLine(line: string): ReadableLine {
  const entry = parse(line);
  if (!entry) return { level: 'info', text: line };
  const level = typeof entry['level'] === 'number' ? (levelNames[entry['level']] ?? 'info') : String(entry['level']);
  const style = levelStyles[level as keyof typeof levelStyles];
  const fields = Object.entries(entry)
    .filter(([name]) => !hidden.has(name))
    .map(([name, value]) => paint('dim', `${name}=`) + shorten(value));
  const message = style ? paint(style, String(entry['msg'])) : String(entry['msg']);
  const mark = level === 'info' ? [] : [paint(style ?? 'dim', level)];
  const first = [paint('dim', clockTime(entry['time'])), ...mark, message, ...fields].join(' ');
  return { level, text: [first, ...errorLines(entry['err'])].join('\n') };
}

function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    const isEntry = typeof value === 'object' && value !== null && 'level' in value && 'msg' in value;
    return isEntry ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function clockTime(time: unknown): string {
  const date = new Date(typeof time === 'number' || typeof time === 'string' ? time : Date.now());
  if (Number.isNaN(date.getTime())) return String(time);
  const part = (value: number, length: number): string => String(value).padStart(length, '0');
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map((value) => part(value, 2)).join(':');
  return `${clock}.${part(date.getMilliseconds(), 3)}`;
}

function shorten(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text;
}

function errorLines(error: unknown): string[] {
  if (typeof error !== 'object' || error === null) return error === undefined ? [] : [`  ${JSON.stringify(error)}`];
  const { stack, message } = error as { stack?: unknown; message?: unknown };
  const text = typeof stack === 'string' ? stack : typeof message === 'string' ? message : JSON.stringify(error);
  return text.split('\n').map((line) => paint('dim', `  ${line.trimEnd()}`));
}
