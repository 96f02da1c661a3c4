import type { FileReference } from '@millrace/contracts';
import { BodyFaultError, tooLarge } from './body-error.js';
import type { FileSink } from './read-body.js';

/** Hands the files of one request to its sink, one after another, within one limit for all of them. */
export class FileIntake {
  private bytes = 0;

  constructor(
    private readonly files: FileSink,
    private readonly maxFileBytes: number,
  ) {}

  /**
   * Resolves once the sink has the file. Rejects with what `content` threw, whatever the sink makes of it, else with
   * what the sink threw.
   */
  async store(file: { name: string; contentType: string }, content: AsyncIterable<Buffer>): Promise<FileReference> {
    const state: ContentState = { ended: false };
    let reference: FileReference;
    try {
      reference = await this.files.store(file, this.watched(content, state));
    } catch (error) {
      throw state.failure ? state.failure.error : error;
    }
    if (state.failure) throw state.failure.error;
    if (!state.ended) throw new Error('The file sink resolved before it had read the file to its end.');
    return reference;
  }

  private async *watched(content: AsyncIterable<Buffer>, state: ContentState): AsyncGenerator<Buffer, void, undefined> {
    try {
      for await (const chunk of content) {
        this.bytes += chunk.length;
        if (this.bytes > this.maxFileBytes)
          throw new BodyFaultError(tooLarge('What is sent as files', this.maxFileBytes));
        yield chunk;
      }
      state.ended = true;
    } catch (error) {
      state.failure = { error };
      throw error;
    }
  }
}

interface ContentState {
  ended: boolean;
  failure?: { error: unknown };
}
