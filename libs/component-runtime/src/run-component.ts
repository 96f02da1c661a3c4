import type { Component } from '@millrace/component-sdk';
import { runProcess } from '@millrace/process';
import { startComponent } from './start-component.js';

/**
 * The one line of a component's `main.ts`: hosts the component until the process is told to end. Configuration comes from
 * `env`, the environment of the process by default.
 */
export async function runComponent(
  component: Component,
  { env = process.env }: { env?: Readonly<Record<string, string | undefined>> } = {},
): Promise<void> {
  await runProcess({
    service: `component-${component.name}`,
    env,
    start: (logger, reached) => startComponent({ component, env, logger, reached, ownProcess: true }),
  });
}
