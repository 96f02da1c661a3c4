import type { Json, LogEntry } from '@millrace/contracts';
import type { StepLogger } from '@millrace/component-sdk';
import { readJson } from './read-json.js';
import { maskJson, type Mask } from '@millrace/credentials';

const maxEntries = 200;
const maxMessageLength = 2_000;
const maxFieldsBytes = 4 * 1024;
const maxTotalLength = 64 * 1024;

export interface StepLog {
  logger: StepLogger;
  /** What was written so far; the last entry tells how many were left out. */
  entries(): LogEntry[];
}

/** The log of one step run: masked, and bounded in entries and size, so that a chatty component harms nobody. */
export function createStepLog(mask: Mask, clock: () => number = Date.now): StepLog {
  const written: LogEntry[] = [];
  let length = 0;
  let leftOut = 0;

  function write(level: LogEntry['level'], message: unknown, fields: unknown): void {
    if (written.length >= maxEntries || length >= maxTotalLength) {
      leftOut += 1;
      return;
    }
    const entry: LogEntry = { time: clock(), level, message: presentText(mask(String(message)), maxMessageLength) };
    if (fields !== undefined) entry.fields = presentFields(fields, mask);
    length += entry.message.length + (entry.fields === undefined ? 0 : JSON.stringify(entry.fields).length);
    written.push(entry);
  }

  return {
    logger: {
      debug: (message, fields) => write('debug', message, fields),
      info: (message, fields) => write('info', message, fields),
      warn: (message, fields) => write('warn', message, fields),
      error: (message, fields) => write('error', message, fields),
    },
    entries() {
      if (leftOut === 0) return written;
      return [...written, { time: clock(), level: 'warn', message: `${leftOut} further entries were left out` }];
    },
  };
}

/** A text for the run log: bounded, well-formed, and without the character that Postgres cannot store. */
export function presentText(text: string, maxLength: number): string {
  const clean = text.replaceAll('\u0000', '');
  return clean.length > maxLength ? `${Buffer.from(clean.slice(0, maxLength)).toString()}…` : clean;
}

function presentFields(fields: unknown, mask: Mask): Json {
  const checked = readJson(fields, maxFieldsBytes);
  if (!checked.ok) return checked.fault === 'too_large' ? '[too large]' : `[not JSON: ${checked.what}]`;
  const text = JSON.stringify(checked.json).replaceAll(String.raw`\u0000`, '');
  const copy = JSON.parse(text) as Json;
  // A mask knows how JSON writes a secret: what it leaves as it is holds none.
  return mask(text) === text ? copy : maskJson(copy, mask);
}
