import type { FileReference } from '@millrace/contracts';
import type { Readable } from 'node:stream';
import { z } from 'zod';

/** What a step does with files: it gets and gives references, the bytes go around the messages. */
export interface Files {
  /**
   * Opens a file of the workspace that an earlier step, or the trigger, gave out. Only its `id` counts: its `url` is for
   * people and other systems. Throws `TerminalError` (`file_missing`) when there is no such file any more.
   */
  open(file: Pick<FileReference, 'id' | 'name'>): Promise<OpenedFile>;
  /**
   * Stores a file and returns the reference to put into the output. It lives as long as the run. Throws `TerminalError`
   * (`file_too_large`) when it is larger than the operator allows.
   */
  create(file: NewFile, content: string | Uint8Array | AsyncIterable<Uint8Array>): Promise<FileReference>;
}

export interface NewFile {
  name: string;
  contentType: string;
}

export interface OpenedFile {
  /** In bytes. */
  size: number;
  /** To be read to its end or destroyed; ends with the step. */
  content: Readable;
}

/**
 * A field that holds a file: a reference with `id`, `name`, `contentType`, `size` and `url`. In the descriptor it has the
 * format `file`, so that the designer offers the files of earlier steps.
 */
export function file(): z.ZodObject<FileShape> {
  return z.object(fileShape).meta({ format: 'file' });
}

const fileShape = {
  id: z.uuid().describe('id of the file'),
  name: z.string().describe('name of the file'),
  contentType: z.string().describe('content type of the file'),
  size: z.number().describe('bytes of the file'),
  url: z.string().describe('where the file can be read for a while'),
};

type FileShape = typeof fileShape;
