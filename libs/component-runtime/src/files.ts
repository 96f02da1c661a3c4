import {
  createHttp,
  type Files,
  type HttpAnswer,
  type HttpPools,
  PeerUnavailableError,
  RetryAfterError,
  StepAbort,
  type StepHttp,
  TerminalError,
} from '@millrace/component-sdk';
import type { FileReference, JsonObject, StepAddress } from '@millrace/contracts';
import { signComponentCall } from '@millrace/credentials';
import { z } from 'zod';

/** Where the files of steps are kept: at the api, which every call is signed for. */
export interface FileDoor {
  apiUrl: string;
  component: string;
  /** The component's own key. */
  key: Buffer;
  /** Apart from those of the component, to which the api is an address like any other. */
  pools: HttpPools;
}

export interface StepFilesOptions {
  /** `undefined` where the operator has not set it up. */
  door: FileDoor | undefined;
  step: Pick<StepAddress, 'runId' | 'stepId' | 'path' | 'attempt'>;
  abort: StepAbort;
  deadlineAt: number;
}

export interface StepFiles extends Files {
  /** Removes what an attempt that failed has made. Never rejects: what stays goes with the run. */
  discard(): Promise<void>;
  /** Ends what a step that is over has not read. */
  end(): void;
}

/** Makes what one step sees of files. */
export type OpenFiles = (step: Omit<StepFilesOptions, 'door'>) => StepFiles;

/** Between the signing of a call and its beginning; not its end. */
const callGoodForMs = 60_000;
const maxFiles = 100;
/** They stand in a header. */
const maxNameLength = 1_000;
const removalTimeoutMs = 5_000;
const filesPath = '/component/files';

const referenceSchema = z.object({
  id: z.string(),
  name: z.string(),
  contentType: z.string(),
  size: z.number(),
  url: z.string(),
});

/** The files of one step. */
export function stepFiles({ door, step, abort, deadlineAt }: StepFilesOptions): StepFiles {
  let http: StepHttp | undefined;
  let begun = 0;
  const created: string[] = [];

  function signed({ component, key }: FileDoor, act: JsonObject): Record<string, string> {
    const { runId, stepId, path, attempt } = step;
    const expiresAt = Date.now() + callGoodForMs;
    const token = signComponentCall(key, { component, expiresAt, runId, stepId, path, attempt, ...act });
    return { authorization: `Component ${token}` };
  }

  function call(act: JsonObject): { client: StepHttp; url: string; headers: Record<string, string> } {
    if (!door) throw notSetUp();
    http ??= createHttp({ pools: door.pools, abort, deadlineAt, record: () => undefined });
    return { client: http, url: door.apiUrl + filesPath, headers: signed(door, act) };
  }

  return {
    async open({ id, name }) {
      const { client, url, headers } = call({ act: 'openFile', fileId: id });
      try {
        const answer = await client.stream('GET', `${url}/${encodeURIComponent(id)}`, { headers, accept: refusals });
        if (answer.status === 200) return { size: answer.size ?? 0, content: answer.body };
        answer.body.destroy();
        throw refusalOf(answer.status, `File "${name}" cannot be read`);
      } catch (error) {
        throw presentable(error, abort, `File "${name}" cannot be read`);
      }
    },

    async create({ name, contentType }, content) {
      if (begun >= maxFiles) {
        throw new TerminalError(`A step may make ${maxFiles} files`, { code: 'too_many_files' });
      }
      begun += 1;
      const { client, url, headers } = call({
        act: 'createFile',
        name: name.slice(0, maxNameLength),
        contentType: contentType.slice(0, maxNameLength),
      });
      let answer: HttpAnswer;
      try {
        answer = await client.post(url, {
          headers: { ...headers, 'content-type': 'application/octet-stream' },
          body: content instanceof Uint8Array ? Buffer.from(content) : content,
          accept: refusals,
        });
      } catch (error) {
        throw presentable(error, abort, `File "${name}" cannot be stored`);
      }
      if (answer.status !== 201) throw refusalOf(answer.status, `File "${name}" cannot be stored`, answer.reason);
      const reference: FileReference = answer.json(referenceSchema);
      created.push(reference.id);
      return reference;
    },

    async discard() {
      if (!door || created.length === 0) return;
      // The step may have been aborted.
      const pools = door.pools;
      const client = createHttp({ pools, abort: new StepAbort(), deadlineAt: Date.now(), record: () => undefined });
      const removals = created.splice(0).map((fileId) =>
        client.delete(`${door.apiUrl}${filesPath}/${fileId}`, {
          headers: signed(door, { act: 'removeFile', fileId }),
          timeoutMs: removalTimeoutMs,
        }),
      );
      await Promise.allSettled(removals);
    },

    end: () => http?.end(),
  };
}

const refusals = [400, 401, 404, 409, 413];

function notSetUp(): Error {
  const words = 'Files cannot be used here: the operator has to set API_URL and CREDENTIAL_KEY for the component';
  return new TerminalError(words, { code: 'files_unavailable' });
}

function refusalOf(status: number, what: string, reason?: string): Error {
  switch (status) {
    case 404:
      return new TerminalError(`${what}: there is no such file any more`, { code: 'file_missing' });
    case 413:
      return new TerminalError(`${what}: ${reason ?? 'it is too large'}`, { code: 'file_too_large' });
    case 409:
      return new TerminalError(`${what}: the step is not waited for any more`, { code: 'step_not_running' });
    default:
      return new PeerUnavailableError(`${what}: ${reason ?? `the api answered ${status}`}`);
  }
}

/** Says which file it was about, and nothing of the address of the api; the words on why follow. */
function presentable(error: unknown, abort: StepAbort, what: string): unknown {
  if (abort.aborted) return error;
  if (error instanceof RetryAfterError) {
    const words = `${what} at the moment: the files of Millrace are busy`;
    return new RetryAfterError(error.afterMs, words, { code: 'files_unavailable' });
  }
  if (!(error instanceof PeerUnavailableError)) return error;
  return new PeerUnavailableError(`${what} at the moment`, { code: 'files_unavailable', cause: error.cause });
}
