import { TerminalError, type StepAbort } from '@millrace/component-sdk';
import type { Json } from '@millrace/contracts';
import { readJson } from './read-json.js';

/** With the largest body that a webhook takes (10 MB) and below what the broker takes (15 MiB). */
export const maxOutputBytes = 12 * 1024 * 1024;
export const maxOutputs = 100_000;

/**
 * Collects what an operation emits: a value is one output, `undefined` none, an async iterable as many as it yields.
 * Each is read once, when it is emitted, and is plain data from then on: the operation may go on to change what it gave.
 * Rejects with what the operation throws, and with a `TerminalError` for an output that JSON cannot carry, that is too
 * large, or for too many. `abort` stops the reading of an iterable; the operation's own end is not waited for then.
 */
export async function collectOutputs(emitted: unknown, abort: StepAbort): Promise<Json[]> {
  const value: unknown = await emitted;
  if (value === undefined) return [];
  const outputs: Json[] = [];
  let bytes = 0;

  function add(output: unknown): void {
    if (outputs.length >= maxOutputs) {
      throw new TerminalError(`The operation emits more than ${maxOutputs} outputs`, { code: 'too_many_outputs' });
    }
    const checked = readJson(output, maxOutputBytes - bytes);
    if (checked.ok) {
      bytes += checked.atLeastBytes;
      outputs.push(checked.json);
      return;
    }
    throw checked.fault === 'too_large'
      ? outputTooLarge(bytes + checked.atLeastBytes)
      : new TerminalError(`Output ${outputs.length + 1} is not JSON: ${checked.pointer || 'it'} is ${checked.what}`, {
          code: 'output_not_json',
          detail: { output: outputs.length, pointer: checked.pointer },
        });
  }

  if (!isAsyncIterable(value)) {
    add(value);
    return outputs;
  }
  for await (const output of value) {
    abort.throwIfAborted();
    if (output === undefined) continue;
    add(output);
  }
  return outputs;
}

/** The failure of a step whose outputs are too large to be passed on. */
export function outputTooLarge(atLeastBytes: number): TerminalError {
  return new TerminalError(
    `The output is too large: at least ${atLeastBytes} bytes, and ${maxOutputBytes} are allowed for one step`,
    { code: 'output_too_large', detail: { atLeastBytes, maxBytes: maxOutputBytes } },
  );
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
