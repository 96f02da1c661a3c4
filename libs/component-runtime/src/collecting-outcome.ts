import { TerminalError, type CollectItem } from '@millrace/component-sdk';
import { maxCollectedItemBytes, type CollectingOutcome } from '@millrace/contracts';
import { readJson } from './read-json.js';

const maxKeyBytes = 1_024;

/** The outcome of a step that waits with an item. Throws a `TerminalError` when item or key cannot be kept. */
export function collectingOutcome({ item, gathering }: CollectItem): CollectingOutcome {
  const checked = readJson(item, maxCollectedItemBytes);
  if (!checked.ok) {
    throw checked.fault === 'too_large'
      ? new TerminalError(
          `An item that is gathered may have ${maxCollectedItemBytes} bytes, and this one has more: map less into it.`,
          { code: 'item_too_large', detail: { maxBytes: maxCollectedItemBytes } },
        )
      : new TerminalError(`The item is not JSON: ${checked.pointer || 'it'} is ${checked.what}`, {
          code: 'output_not_json',
        });
  }
  const key = readJson(gathering.key, maxKeyBytes);
  if (!key.ok) {
    throw new TerminalError(`What items are told apart by may have ${maxKeyBytes} bytes, and this has more.`, {
      code: 'key_too_large',
    });
  }
  return { kind: 'collecting', item: checked.json, gathering: { ...gathering, key: key.json } };
}
