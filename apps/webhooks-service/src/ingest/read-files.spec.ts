import { newId, type FileReference, type RunId, type WorkspaceId } from '@millrace/contracts';
import { createLogger } from '@millrace/observability';
import { describe, expect, it } from 'vitest';
import { ArrivalError } from './arrival.js';
import { createBodyRoom } from './body-room.js';
import type { Call } from './call.js';
import { readFiles, type ComingFiles } from './read-files.js';

const boundary = { 'content-type': 'multipart/form-data; boundary=b' };
const part = '--b\r\ncontent-disposition: form-data; name="f"; filename="f"\r\n\r\nbytes\r\n';
const limits = { maxBodyBytes: 10_000, maxFileBytes: 10_000 };

/** A place for files that takes `most` of them and then fails with what is no fault of a database or store. */
function place(most: number) {
  const kept = new Set<string>();
  return {
    kept,
    async store(file: { name: string; contentType: string }, content: AsyncIterable<Buffer>): Promise<FileReference> {
      let size = 0;
      for await (const piece of content) size += piece.length;
      if (kept.size === most) throw new TypeError('a fault of ours');
      const id = newId();
      kept.add(id);
      return { id, ...file, size, url: 'https://files.example' };
    },
    async discard(ids: readonly string[]): Promise<void> {
      ids.forEach((id) => kept.delete(id));
    },
  };
}

function coming(text: string, more: Partial<ComingFiles> = {}): ComingFiles {
  async function* source(): AsyncGenerator<Buffer> {
    yield Buffer.from(text);
  }
  return {
    owner: { workspaceId: newId<WorkspaceId>(), runId: newId<RunId>() },
    kind: 'multipart',
    source: source(),
    maxBytes: 10_000,
    hold: createBodyRoom({ maxBytes: 1e6, maxShareBytes: 1e6 }).hold({ heldBytes: 0 }),
    pending: undefined,
    keepsRaw: false,
    ...more,
  };
}

const call = { runId: newId<RunId>(), headers: boundary } as unknown as Call;
const depsWith = (attachments: ReturnType<typeof place>) => ({
  attachments,
  limits,
  maxBufferedFileBytes: 1_000,
  logger: createLogger({ service: 'spec', level: 'silent' }),
});

describe('files of a call that becomes nothing', () => {
  it.each([false, true])(
    'are discarded when a later one fails in an unforeseen way, raw body kept: %s',
    async (keepsRaw) => {
      const attachments = place(1);
      const reading = readFiles(depsWith(attachments), call, coming(`${part}${part}--b--\r\n`, { keepsRaw }));
      await expect(reading).rejects.toThrow('a fault of ours');
      expect(attachments.kept.size).toBe(0);
    },
  );

  it('are discarded when only their raw body cannot be stored', async () => {
    const attachments = place(1);
    const reading = readFiles(depsWith(attachments), call, coming(`${part}--b--\r\n`, { keepsRaw: true }));
    await expect(reading).rejects.toThrow('a fault of ours');
    expect(attachments.kept.size).toBe(0);
  });

  it('are discarded when the check of the signature itself fails', async () => {
    const attachments = place(9);
    const pending: ComingFiles['pending'] = {
      outcome: 'pending',
      update: () => undefined,
      end() {
        throw new TypeError('a fault of ours');
      },
    };
    const reading = readFiles(depsWith(attachments), call, coming(`${part}--b--\r\n`, { pending }));
    await expect(reading).rejects.toThrow('a fault of ours');
    expect(attachments.kept.size).toBe(0);
  });

  it('are discarded when the rest of a signed body does not come in, which is said as it is', async () => {
    const attachments = place(9);
    async function* source(): AsyncGenerator<Buffer> {
      yield Buffer.from(`${part}--b\r\nbroken\r\n\r\n`);
      throw new ArrivalError('timedOut');
    }
    const pending: ComingFiles['pending'] = {
      outcome: 'pending',
      update: () => undefined,
      end: () => ({ outcome: 'authentic' }),
    };
    const result = await readFiles(depsWith(attachments), call, coming('', { source: source(), pending }));
    expect(result).toMatchObject({ outcome: 'refused', code: 'request_timeout' });
    expect(attachments.kept.size).toBe(0);
  });

  it('stay when it becomes something', async () => {
    const attachments = place(9);
    const result = await readFiles(depsWith(attachments), call, coming(`${part}${part}--b--\r\n`, { keepsRaw: true }));
    expect(result).toMatchObject({ outcome: 'read', rawFile: { name: 'body', size: 2 * part.length + 7 } });
    expect(attachments.kept.size).toBe(3);
  });
});
