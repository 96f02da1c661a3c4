import type { TestHost } from '@millrace/component-runtime';
import type { Component, Operation } from '@millrace/component-sdk';
import type { Json, JsonObject, ResultMessage } from '@millrace/contracts';
import type { Peer } from './peer.js';

/** A step of an operation that fits its schemas, so that a call of the peer comes of it. */
export interface StepExample {
  /** May be left out for triggers. */
  input?: Json;
  config?: JsonObject;
  snapshot?: Json;
  /** The step answers by itself and calls no other system. */
  alone?: true;
}

/** One component, hosted for real, with the peer that it calls. */
export interface Trial {
  component: Component;
  host: TestHost;
  /** The same component where nothing listens at the peer's address. */
  lonelyHost: TestHost;
  lonelyUrl: string;
  peer: Peer;
  credential: JsonObject | undefined;
  /** Values of the credential that no message may show. */
  secrets: readonly string[];
  /** The steps as they are for a peer at an address. */
  stepsFor: (url: string) => Readonly<Record<string, StepExample>>;
}

const pollInput = { scheduledAt: '2026-01-01T00:00:00.000Z' };
const hookInput = {
  method: 'POST',
  path: '',
  query: {},
  headers: {},
  contentType: 'application/json',
  body: '{"a":1}',
  bodyEncoding: 'utf8',
};

/** The example of an operation, with what triggers get and with the credential where the operation names one. */
export function stepOf(
  trial: Trial,
  name: string,
  url = trial.peer.url,
): { input: Json; config: JsonObject; credential?: JsonObject; snapshot: Json } {
  const operation = trial.component.operations.get(name);
  const { input, config = {}, snapshot = null } = trial.stepsFor(url)[name] ?? {};
  const credential = operation?.credential ? trial.credential : undefined;
  return { input: input ?? usualInput(operation), config, snapshot, ...(credential && { credential }) };
}

function usualInput(operation: Operation | undefined): Json {
  if (operation?.triggerType === 'polling') return pollInput;
  return operation?.triggerType === 'webhook' ? hookInput : {};
}

/** Runs the example of an operation, changed where that is said. */
export function runExample(
  trial: Trial,
  name: string,
  change: { input?: Json; timeoutMs?: number } = {},
): Promise<ResultMessage> {
  return trial.host.run(name, { ...stepOf(trial, name), timeoutMs: 10_000, ...change });
}
