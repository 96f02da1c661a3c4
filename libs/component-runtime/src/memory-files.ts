import { Readable } from 'node:stream';
import { TerminalError } from '@millrace/component-sdk';
import { newId, type FileReference } from '@millrace/contracts';
import type { OpenFiles } from './files.js';

/** Files in memory, for the tests of a component. */
export interface MemoryFiles {
  /** Puts a file there for a step to open. */
  put(file: { name: string; contentType: string }, content: Uint8Array): FileReference;
  /** The bytes of a file that a step made. Throws when there is none. */
  read(file: { id: string }): Buffer;
  /** What steps see of them. */
  readonly open: OpenFiles;
}

export function memoryFiles(): MemoryFiles {
  const contents = new Map<string, Buffer>();

  function put({ name, contentType }: { name: string; contentType: string }, content: Uint8Array): FileReference {
    const id = newId();
    contents.set(id, Buffer.from(content));
    return { id, name, contentType, size: content.length, url: `https://hooks.example/files/${id}` };
  }

  return {
    put,
    read({ id }) {
      const content = contents.get(id);
      if (!content) throw new Error(`There is no file ${id}`);
      return content;
    },
    open: () => ({
      async open({ id, name }) {
        const content = contents.get(id);
        if (!content) {
          throw new TerminalError(`File "${name}" cannot be read: there is no such file any more`, {
            code: 'file_missing',
          });
        }
        return { size: content.length, content: Readable.from([content]) };
      },
      async create(file, content) {
        if (typeof content === 'string' || content instanceof Uint8Array) return put(file, Buffer.from(content));
        const chunks: Uint8Array[] = [];
        for await (const chunk of content) chunks.push(chunk);
        return put(file, Buffer.concat(chunks));
      },
      discard: () => Promise.resolve(),
      end: () => undefined,
    }),
  };
}
