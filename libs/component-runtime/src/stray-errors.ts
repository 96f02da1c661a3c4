import { TerminalError } from '@millrace/component-sdk';
import type { Logger } from '@millrace/observability';
import { workContext, type RunningWork } from './running-steps.js';

/** What a log line says of a step or a question: enough to find it, nothing of its content. */
export function workNames(work: RunningWork): Record<string, string> {
  if (work.kind === 'question') {
    const { component, request } = work;
    const { call, workspaceId } = request;
    return 'operation' in request
      ? { component, call, operation: request.operation, workspaceId }
      : { component, call, workspaceId };
  }
  const { component, operation, flowId, runId, stepId, path } = work.message;
  return { component, operation, flowId, runId, stepId, path };
}

/**
 * Deals with an error that nobody caught if it came from the code of a step or a question: that one fails with it, the others go
 * on. One that comes after its end is only told in the log. False for an error that belongs to none.
 */
export function claimStrayError(error: unknown, logger: Logger): boolean {
  const work = workContext.getStore();
  if (!work) return false;
  logger.warn(
    { ...workNames(work), afterItsEnd: work.ended },
    'the operation left an error that nobody caught; the process goes on',
  );
  if (!work.ended) {
    work.abort.abort(
      new Error('The operation left an error uncaught, in a promise or a callback that it does not wait for', {
        cause: error,
      }),
    );
  }
  return true;
}

/**
 * From now on `process.exit` and `process.abort` of the code of a step or a question fail that one, and end nothing. Returns the function
 * that undoes this.
 */
export function forbidEnding(logger: Logger): () => void {
  const undo = (['exit', 'abort'] as const).map((name) => forbid(name, logger));
  return () => undo.forEach((one) => one());
}

type Ending = Record<'exit' | 'abort', (code?: unknown) => never>;

function forbid(name: keyof Ending, logger: Logger): () => void {
  const endings = process as unknown as Ending;
  const original = endings[name];
  const own = function (this: unknown, code?: unknown): never {
    const work = workContext.getStore();
    if (!work) return original.call(process, code);
    const error = new TerminalError(
      `The operation called process.${name}, which would end all other steps too: throw an error instead`,
      { code: 'process_exit' },
    );
    logger.warn({ ...workNames(work), ending: name }, 'the operation wanted to end the process, and was refused');
    work.abort.abort(error);
    throw error;
  };
  endings[name] = own;
  return () => {
    if (endings[name] === own) endings[name] = original;
  };
}
