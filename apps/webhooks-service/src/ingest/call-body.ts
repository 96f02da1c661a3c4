import type { ReadBody } from '@millrace/bodies';
import type { FileReference } from '@millrace/contracts';
import type { Refusal } from '../answers/refusals.js';
import { ArrivalError } from './arrival.js';
import { arrivalRefusal, faultRefusal } from './body-refusals.js';
import type { Hold } from './body-room.js';

/** A body that was read: the output of the trigger, and the body as it was sent where the flow keeps it. */
export interface CallBody {
  outcome: 'read';
  json: Buffer;
  raw: Buffer | undefined;
  /** Instead of `raw`, of a body of files. */
  rawFile: FileReference | undefined;
  /** All files of the call that were stored on the way. */
  files: readonly FileReference[];
}

/** `from` is what the JSON may be a part of: then it takes no room of its own. */
export function heldBody(read: ReadBody, hold: Hold, from?: Buffer): CallBody | Refusal {
  if (!read.ok) return faultRefusal(read.fault);
  const { json } = read;
  const full = json.buffer === from?.buffer ? undefined : hold.take(json.length);
  if (full) return arrivalRefusal(full, json.length);
  return { outcome: 'read', json, raw: undefined, rawFile: undefined, files: [] };
}

/** Takes room while something grows; throws `ArrivalError` when there is none. */
export function reserveIn(hold: Hold): (bytes: number) => void {
  return (bytes) => {
    const full = hold.take(bytes);
    if (full) throw new ArrivalError(full);
  };
}
