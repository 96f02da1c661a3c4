import {
  CollectItem,
  type Component,
  createHttp,
  type HttpPools,
  type Operation,
  type StepAbort,
  WaitForResume,
} from '@millrace/component-sdk';
import { idempotencyKey, type ResultMessage, type StepMessage, type StepOutcome } from '@millrace/contracts';
import { collectingOutcome } from './collecting-outcome.js';
import {
  parseFor,
  type CredentialOpener,
  type CredentialOpening,
  type OpenedCredential,
  type SealedCredential,
} from './credentials.js';
import { createMask } from '@millrace/credentials';
import { httpLog } from './http-log.js';
import type { OpenFiles } from './files.js';
import type { FreshCredentials } from './fresh-credentials.js';
import { collectOutputs } from './outputs.js';
import { Interruption, type RunningStep, type RunningSteps } from './running-steps.js';
import { maskingInputs } from './secret-inputs.js';
import { snapshotKeeper } from './snapshot.js';
import { failureOf } from './step-failure.js';
import { createStepLog, type StepLog } from './step-log.js';

export interface StepDeps {
  component: Component;
  open: CredentialOpener;
  /** Of a component with OAuth 2.0: opens credentials whose tokens are not over. */
  fresh?: FreshCredentials | undefined;
  /** What the component's settings schema made of the environment. */
  settings: unknown;
  pools: HttpPools;
  files: OpenFiles;
}

export type StepEnd =
  | { end: 'result'; result: ResultMessage }
  /** The process must end before the step did; another one has to run it. */
  | { end: 'interrupted' };

class StepTimeout extends Error {
  override readonly name = 'StepTimeout';
}

const noMask = createMask([]);

/**
 * Runs one step to its result: opens the credential, parses configuration and input, calls the operation, collects what
 * it emits. Never rejects: whatever goes wrong is the result. An operation that ignores its abort is left behind.
 */
export async function runStep(deps: StepDeps, message: StepMessage, running: RunningSteps): Promise<StepEnd> {
  const step = running.begin(message);
  try {
    // Schemas are code of the component, too, and so are the errors that it throws.
    return await running.call(step, () => endOf(deps, step));
  } finally {
    running.end(step);
  }
}

async function endOf(deps: StepDeps, step: RunningStep): Promise<StepEnd> {
  const { message, abort } = step;
  const startedAt = Date.now();
  const operation = deps.component.operations.get(message.operation);
  const opens = operation?.credential && (message.credential || operation.needsCredential !== false);
  const opening = opens ? await openFor(deps, message) : undefined;
  const opened = opening?.ok ? opening.opened : undefined;
  const credentialMask = opened?.mask ?? noMask;
  const mask = operation ? maskingInputs(operation, message, credentialMask) : credentialMask;
  const log = createStepLog(mask);
  const end = (outcome: StepOutcome): StepEnd => ({
    end: 'result',
    result: resultOf(deps.component, message, { outcome, logs: log.entries(), startedAt }),
  });

  if (!operation) {
    const { name, version } = deps.component;
    const text = `Component ${name} ${version} has no operation ${message.operation}: choose another one in the flow`;
    return end({
      kind: 'failed',
      error: { code: 'operation_unknown', message: text, detail: null },
      retry: { kind: 'never' },
    });
  }
  if (opening?.ok === false) {
    const { code, message: text, transient } = opening;
    const retry = { kind: transient ? 'policy' : 'never' } as const;
    return end({ kind: 'failed', error: { code, message: text, detail: null }, retry });
  }

  const timer = setTimeout(() => abort.abort(new StepTimeout()), message.timeoutMs);
  try {
    const work = callOperation(deps, { operation, message, opened, log, abort });
    step.work = work;
    return end(await abort.bound(work));
  } catch (error) {
    if (abort.reason instanceof Interruption) return { end: 'interrupted' };
    if (abort.reason instanceof StepTimeout) {
      const text = `The step did not end within ${message.timeoutMs} ms and was stopped`;
      const detail = { timeoutMs: message.timeoutMs };
      return end({ kind: 'failed', error: { code: 'timeout', message: text, detail }, retry: { kind: 'policy' } });
    }
    const failure = failureOf(error, mask);
    // The system may end a token before its time.
    const again = failure.error.code === 'credential_refused' && (await deps.fresh?.renew(message)) === true;
    return end({ kind: 'failed', ...failure, ...(again ? { retry: { kind: 'after', afterMs: 0 } as const } : {}) });
  } finally {
    clearTimeout(timer);
  }
}

/** Opens a credential with tokens that are good for a while, where it has such. */
export function openFor(deps: StepDeps, message: SealedCredential): CredentialOpening | Promise<CredentialOpening> {
  return deps.fresh ? deps.fresh.open(message) : deps.open(message);
}

/** The result of an attempt; address and carry are those of the step message, unchanged. */
export function resultOf(
  component: Component,
  message: StepMessage,
  run: Pick<ResultMessage, 'outcome' | 'logs' | 'startedAt'>,
): ResultMessage {
  const { workspaceId, flowId, versionId, runId, stepId, path, attempt, carry } = message;
  return {
    workspaceId,
    flowId,
    versionId,
    runId,
    stepId,
    path,
    attempt,
    outcome: run.outcome,
    logs: run.logs,
    component: { name: component.name, version: component.version },
    startedAt: run.startedAt,
    finishedAt: Date.now(),
    carry,
  };
}

interface Call {
  operation: Operation;
  message: StepMessage;
  opened: OpenedCredential | undefined;
  log: StepLog;
  abort: StepAbort;
}

async function callOperation(deps: StepDeps, call: Call): Promise<StepOutcome> {
  const { operation, message, opened, log, abort } = call;
  const snapshots = snapshotKeeper(operation, message.snapshot);
  const deadlineAt = Date.now() + message.timeoutMs;
  const http = createHttp({ pools: deps.pools, abort, deadlineAt, record: httpLog(log.logger) });
  const files = deps.files({ step: message, abort, deadlineAt });
  try {
    const emitted = await operation.run({
      input: parseFor('input', operation.input, message.input),
      config: parseFor('config', operation.config, message.config),
      credential: opened?.fields,
      settings: operation.settings ? deps.settings : undefined,
      get signal() {
        return abort.signal;
      },
      logger: log.logger,
      http,
      files,
      idempotencyKey: idempotencyKey(message),
      snapshot: snapshots.before,
      saveSnapshot: (snapshot) => snapshots.save(snapshot),
    });
    if (emitted instanceof WaitForResume) return { kind: 'waiting', wait: emitted.wait };
    if (emitted instanceof CollectItem) return collectingOutcome(emitted);
    const outputs = await collectOutputs(emitted, abort);
    const snapshot = snapshots.saved();
    return snapshot === undefined ? { kind: 'succeeded', outputs } : { kind: 'succeeded', outputs, snapshot };
  } catch (error) {
    await files.discard();
    throw error;
  } finally {
    http.end();
    files.end();
  }
}
