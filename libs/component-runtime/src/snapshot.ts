import { TerminalError, type Operation } from '@millrace/component-sdk';
import { maxSnapshotBytes, type Json } from '@millrace/contracts';
import { readJson } from './read-json.js';

/** The snapshot of one call of a polling trigger. */
export interface SnapshotKeeper {
  /** What the call before saved; `undefined` when none did. */
  readonly before: unknown;
  /** Throws a `TerminalError` for one that does not fit its schema, is no JSON or is too large. */
  save(snapshot: unknown): void;
  /** What was saved last, as JSON; `undefined` when nothing was. */
  saved(): Json | undefined;
}

/** Throws a `TerminalError` when what was kept does not fit the schema any more, as after an update of the component. */
export function snapshotKeeper(operation: Pick<Operation, 'snapshot'>, kept: Json): SnapshotKeeper {
  let saved: Json | undefined;
  return {
    before: kept === null ? undefined : parsed(operation, kept),
    save(snapshot) {
      const checked = readJson(snapshot, maxSnapshotBytes);
      if (!checked.ok && checked.fault === 'not_json') {
        throw new TerminalError(`The snapshot is not JSON: ${checked.pointer || 'it'} is ${checked.what}`, {
          code: 'snapshot_not_json',
        });
      }
      const text = checked.ok ? JSON.stringify(checked.json) : '';
      const bytes = checked.ok ? Buffer.byteLength(text) : checked.atLeastBytes;
      if (bytes > maxSnapshotBytes) throw tooLarge(bytes);
      const fault = faultIn(operation, snapshot);
      if (fault) {
        const message = `The snapshot that the component saves does not fit its schema: ${fault}`;
        throw new TerminalError(message, { code: 'invalid_snapshot' });
      }
      saved = checked.ok ? checked.json : undefined;
    },
    saved: () => saved,
  };
}

function parsed({ snapshot: schema }: Pick<Operation, 'snapshot'>, kept: Json): unknown {
  if (!schema) return kept;
  const read = schema.safeParse(kept);
  if (read.success) return read.data;
  const message =
    `The snapshot that was kept does not fit this version of the component (${faultsOf(read.error)}): reset it with ` +
    'POST /v1/flows/{flowId}/snapshot/reset, and the next poll begins anew';
  throw new TerminalError(message, { code: 'invalid_snapshot' });
}

function faultIn({ snapshot: schema }: Pick<Operation, 'snapshot'>, value: unknown): string | undefined {
  const read = schema?.safeParse(value);
  return read?.success === false ? faultsOf(read.error) : undefined;
}

function faultsOf({ issues }: { issues: readonly { path: readonly PropertyKey[]; message: string }[] }): string {
  const shown = issues.slice(0, 5).map(({ path, message }) => `/${path.map(String).join('/')}: ${message}`);
  return shown.join('; ');
}

function tooLarge(atLeastBytes: number): TerminalError {
  return new TerminalError(
    `The snapshot is too large: at least ${atLeastBytes} bytes, and ${maxSnapshotBytes} are allowed: keep less in it, ` +
      'such as the time or the number of the last thing seen',
    { code: 'snapshot_too_large', detail: { atLeastBytes, maxBytes: maxSnapshotBytes } },
  );
}
