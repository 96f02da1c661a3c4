import { closedSchemaOf } from '@millrace/component-sdk';
import { idempotencyKey, isJsonObject, type ResultMessage, type StepOutcome } from '@millrace/contracts';
import { nameFaults, textFaults } from './error-text.js';
import { peerWords, refusing } from './peer.js';
import { runExample, stepOf, type Trial } from './trial.js';

type Failed = Extract<StepOutcome, { kind: 'failed' }>;

const silenceMs = 1_000;
/** On a busy machine a timer may be late. */
const slackMs = 1_500;

/** A peer that never answers: the step ends in time, as a timeout, and the call ends with it. */
export async function silenceFaults(trial: Trial, name: string): Promise<string[]> {
  trial.peer.behaviour = 'silent';
  const started = Date.now();
  const { outcome } = await runExample(trial, name, { timeoutMs: silenceMs });
  const took = Date.now() - started;
  const faults = calledFaults(trial);
  if (outcome.kind !== 'failed' || outcome.error.code !== 'timeout') {
    faults.push(`a peer that never answers must end the step as a timeout; it is ${shown(outcome)}`);
  }
  if (took > silenceMs + slackMs) faults.push(`the step of ${silenceMs} ms ended only after ${took} ms`);
  await new Promise((resolve) => setTimeout(resolve, 200));
  if (trial.peer.calls.some(({ ended }) => !ended)) {
    faults.push(
      'a call goes on after its step has ended: call with the `http` of the context, or pass on its `signal`',
    );
  }
  return faults;
}

/** A refused access fails for good, in the words of the peer and without the secret that the peer repeats. */
export async function refusalFaults(trial: Trial, name: string, status: 401 | 403): Promise<string[]> {
  trial.peer.behaviour = refusing(status);
  const result = await runExample(trial, name);
  const failed = failureOf(result.outcome);
  if (!failed) return [`a peer that answers ${status} must fail the step; it is ${shown(result.outcome)}`];
  return [
    ...calledFaults(trial),
    ...retryFaults(failed, 'never', `${status} is refused again`),
    ...messageFaults(trial, result, [peerWords]),
  ];
}

/** A peer that fails on its side is left to the retry policy of the step. */
export async function failingPeerFaults(trial: Trial, name: string, status: 500 | 503): Promise<string[]> {
  trial.peer.behaviour = refusing(status);
  const result = await runExample(trial, name);
  const failed = failureOf(result.outcome);
  if (!failed) return [`a peer that answers ${status} must fail the step; it is ${shown(result.outcome)}`];
  return [
    ...retryFaults(failed, 'policy', `${status} may pass`),
    ...messageFaults(trial, result, [new URL(trial.peer.url).host, String(status), peerWords]),
  ];
}

/** A rate limit with `Retry-After` is waited for. */
export async function rateLimitFaults(trial: Trial, name: string): Promise<string[]> {
  trial.peer.behaviour = refusing(429, { 'retry-after': '7' });
  const result = await runExample(trial, name);
  const failed = failureOf(result.outcome);
  if (!failed) return [`a peer that answers 429 must fail the step; it is ${shown(result.outcome)}`];
  const { retry } = failed;
  const faults = messageFaults(trial, result, [new URL(trial.peer.url).host, ...titleWords(trial), peerWords]);
  if (retry.kind !== 'after' || retry.afterMs < 7_000 || retry.afterMs > 8_000) {
    faults.push(`429 with Retry-After: 7 must be tried again after 7 s; it is ${JSON.stringify(retry)}`);
  }
  return faults;
}

/** Nothing listens at the address: left to the retry policy, and the message says which address. */
export async function absenceFaults(trial: Trial, name: string): Promise<string[]> {
  const result = await trial.lonelyHost.run(name, { ...stepOf(trial, name, trial.lonelyUrl), timeoutMs: 10_000 });
  const failed = failureOf(result.outcome);
  if (!failed) return [`a peer that is not there must fail the step; it is ${shown(result.outcome)}`];
  return [
    ...retryFaults(failed, 'policy', 'a peer that is away may come back'),
    ...messageFaults(trial, result, [new URL(trial.lonelyUrl).host]),
  ];
}

/** An answer of another kind than the component knows is taken, or refused in words. */
export async function oddAnswerFaults(trial: Trial, name: string): Promise<string[]> {
  const faults: string[] = [];
  for (const body of ['<html>SEEN</html>', '{}', '']) {
    trial.peer.behaviour = { status: 200, body };
    const result = await runExample(trial, name);
    if (failureOf(result.outcome)) faults.push(...messageFaults(trial, result, []).map((fault) => `${body}: ${fault}`));
  }
  return faults;
}

/** A step that calls nobody ends without a failure. */
export async function aloneFaults(trial: Trial, name: string): Promise<string[]> {
  const { outcome } = await runExample(trial, name);
  const faults = failureOf(outcome) ? [`the step of the example fails: ${shown(outcome)}`] : [];
  if (trial.peer.calls.length > 0) faults.push('it calls the peer, so the example must not say `alone`');
  return faults;
}

/** A field that is missing fails the step for good, and the message names it. */
export async function missingFieldFaults(trial: Trial, name: string): Promise<string[]> {
  const operation = trial.component.operations.get(name);
  const { input } = stepOf(trial, name);
  const required = operation && closedSchemaOf(operation.input)['required'];
  if (!Array.isArray(required) || !isJsonObject(input)) return [];
  const faults: string[] = [];
  for (const field of required.map(String).filter((given) => Object.hasOwn(input, given))) {
    const { [field]: _left, ...others } = input;
    const result = await runExample(trial, name, { input: others });
    const failed = failureOf(result.outcome);
    if (!failed) faults.push(`without ${field} the step must fail; it is ${shown(result.outcome)}`);
    else faults.push(...retryFaults(failed, 'never', `${field} is missing`), ...messageFaults(trial, result, [field]));
  }
  return faults;
}

/** An operation that says that its target knows repeated calls by the idempotency key sends that key. */
export async function keyFaults(trial: Trial, name: string): Promise<string[]> {
  if (trial.component.operations.get(name)?.idempotency !== 'key') return [];
  trial.peer.behaviour = { status: 200, body: '{}' };
  const result = await runExample(trial, name);
  if (trial.peer.calls.some(({ text }) => text.includes(idempotencyKey(result)))) return [];
  return ['its idempotency is “key”, and the peer gets no idempotency key'];
}

function calledFaults(trial: Trial): string[] {
  return trial.peer.calls.length > 0 ? [] : ['it does not call the peer: complete the example, or let it say `alone`'];
}

function failureOf(outcome: StepOutcome): Failed | undefined {
  return outcome.kind === 'failed' ? outcome : undefined;
}

function retryFaults({ retry, error }: Failed, wanted: Failed['retry']['kind'], why: string): string[] {
  if (retry.kind === wanted) return [];
  return [`${why}, so the retry must be “${wanted}”; it is “${retry.kind}” of “${error.message}”`];
}

function messageFaults(trial: Trial, { outcome, logs }: ResultMessage, names: readonly string[]): string[] {
  const failed = failureOf(outcome);
  if (!failed) return [];
  const { message, detail } = failed.error;
  const faults = textFaults(message, trial.secrets);
  if (names.length > 0) faults.push(...nameFaults(message, names));
  const rest = JSON.stringify([detail, logs]);
  if (trial.secrets.some((secret) => rest.includes(secret)))
    faults.push('the detail of the error, or the log, shows a secret');
  return faults;
}

/** A component may speak of its system by name. */
function titleWords({ component }: Trial): string[] {
  return component.title.split(/[^\p{L}\p{N}]+/u);
}

function shown(outcome: StepOutcome): string {
  return JSON.stringify(outcome.kind === 'failed' ? { ...outcome.error, retry: outcome.retry } : outcome).slice(0, 500);
}
