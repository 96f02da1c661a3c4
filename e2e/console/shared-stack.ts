import type { TestProject } from 'vitest/node';
import { runStack, type RunningStack } from '../support/running-stack.js';

/** What browser tests know of the Millrace that they share. */
export interface SharedStack {
  urls: RunningStack['stack']['urls'];
  databaseUrl: string;
  amqpUrl: string;
  administrator: RunningStack['administrator'];
}

declare module 'vitest' {
  export interface ProvidedContext {
    consoleStack: SharedStack;
  }
}

/** Starts all of Millrace once for the browser tests, each file of which works in a workspace of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { stack, databaseUrl, broker, administrator, stop } = await runStack();
  project.provide('consoleStack', { urls: stack.urls, databaseUrl, amqpUrl: broker.amqpUrl, administrator });
  return stop;
}
