import { randomUUID } from 'node:crypto';
import {
  CollectItem,
  TerminalError,
  WaitForResume,
  type Files,
  type RuntimeFormContext,
  type StepAbort,
  type Operation,
} from '@millrace/component-sdk';
import type { Json, RetrieveSampleRequest, RpcReply, SampleReply } from '@millrace/contracts';
import { answerWithin, type QuestionDeps } from './answer-within.js';
import { parseFor } from './credentials.js';
import { formContext, openForm } from './form-context.js';
import { collectOutputs } from './outputs.js';
import { snapshotKeeper } from './snapshot.js';

/**
 * Retrieves one output of an operation: by its `sample`; of a polling trigger without one by a poll as of a new flow, of
 * which the first output is taken and the snapshot forgotten. An action is run, with all that it does, only where the
 * caller asks for just that.
 */
export async function retrieveSample(deps: QuestionDeps, request: RetrieveSampleRequest): Promise<RpcReply> {
  const form = await openForm(deps, request);
  if ('refused' in form) return form.refused;
  const { operation, mask } = form;
  const inVain = `${deps.component.title} could not retrieve a sample`;
  return answerWithin(
    deps.question,
    { timeoutMs: request.timeoutMs, mask, inVain },
    async (time): Promise<SampleReply> => {
      const context = formContext(deps, form, request, time);
      const output = await outputOf(operation, request, context, time.abort);
      return output === undefined ? { found: false } : { found: true, output };
    },
  );
}

async function outputOf(
  operation: Operation,
  request: RetrieveSampleRequest,
  context: RuntimeFormContext,
  abort: StepAbort,
): Promise<Json | undefined> {
  const runs = operation.kind === 'action' && request.run;
  const { sample } = operation.form;
  if (sample && !runs) return firstOf(await sample(context), abort);
  const polls = operation.triggerType === 'polling';
  if (!runs && !polls) {
    const message = `“${operation.title}” offers no retrieval of samples`;
    throw new TerminalError(message, { code: 'sample_not_offered' });
  }
  // It may be saved, and is checked as ever, but nobody reads it.
  const snapshots = snapshotKeeper(operation, null);
  const emitted = await operation.run({
    ...context,
    files: noFiles,
    input: polls ? { scheduledAt: new Date().toISOString() } : parseFor('input', operation.input, request.input),
    config: parseFor('config', operation.config, request.config),
    idempotencyKey: `sample:${randomUUID()}`,
    snapshot: undefined,
    saveSnapshot: (snapshot) => snapshots.save(snapshot),
  });
  if (emitted instanceof CollectItem) {
    const message = `“${operation.title}” gathers what comes, and has no output of one item alone`;
    throw new TerminalError(message, { code: 'sample_not_offered' });
  }
  if (emitted instanceof WaitForResume) {
    const message = `“${operation.title}” waits for a call, and has no output before it comes`;
    throw new TerminalError(message, { code: 'sample_not_offered' });
  }
  // An action does all that it does; a poll ends with what is taken of it.
  return polls ? firstOf(emitted, abort) : (await collectOutputs(emitted, abort))[0];
}

const noFiles: Files = { open: refuseFiles, create: refuseFiles };

function refuseFiles(): never {
  const message = 'Files can only be read and made in a run: add the sample by hand';
  throw new TerminalError(message, { code: 'files_unavailable' });
}

async function firstOf(emitted: unknown, abort: StepAbort): Promise<Json | undefined> {
  return (await collectOutputs(firstAlone(emitted), abort))[0];
}

function firstAlone(emitted: unknown): unknown {
  if (typeof emitted !== 'object' || emitted === null || !(Symbol.asyncIterator in emitted)) return emitted;
  return (async function* first() {
    for await (const output of emitted as AsyncIterable<unknown>) {
      if (output === undefined) continue;
      yield output;
      return;
    }
  })();
}
