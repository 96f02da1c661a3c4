import { newId, type CredentialId, type StepMessage, type WorkspaceId } from '@millrace/contracts';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { RunningSteps, type RunningQuestion } from './running-steps.js';

function ask(running: RunningSteps): RunningQuestion {
  const credential = { id: newId<CredentialId>(), sealed: '' };
  const workspaceId = newId<WorkspaceId>();
  const request = { call: 'verifyCredential', workspaceId, timeoutMs: 1_000, credential } as const;
  return running.ask({ component: 'pets', request, caller: undefined });
}
const begin = (running: RunningSteps) => running.begin({ component: 'pets', operation: 'work' } as StepMessage);

describe('whom code that cannot be asked belongs to', () => {
  it('is the one step or question that runs', () => {
    const running = new RunningSteps();
    expect(running.only).toBeUndefined();
    const step = begin(running);
    expect(running.only).toBe(step);
    running.end(step);
    expect(running.only).toBeUndefined();
    const question = ask(running);
    expect(running.only).toBe(question);
  });

  it('is not told of a step beside another one or beside a question', () => {
    const running = new RunningSteps();
    const step = begin(running);
    const question = ask(running);
    expect(running.only).toBeUndefined();
    running.end(question);
    expect(running.only).toBe(step);
    begin(running);
    expect(running.only).toBeUndefined();
  });

  it.each(['step', 'question'] as const)('is not told while a %s that was given up runs on', async (kind) => {
    const running = new RunningSteps();
    const leftBehind = kind === 'step' ? begin(running) : ask(running);
    let finish: (() => void) | undefined;
    leftBehind.work = new Promise<void>((resolve) => (finish = resolve));
    leftBehind.abort.abort(new Error('time is up'));
    running.end(leftBehind);
    const step = begin(running);
    expect(running.only).toBeUndefined();
    finish?.();
    await delay(0);
    expect(running.only).toBe(step);
  });
});

describe('a step that runs alone', () => {
  it('waits for the questions under way, and lets none begin', async () => {
    const running = new RunningSteps();
    const [first, second] = [ask(running), ask(running)];
    let begun = false;
    let end: (() => void) | undefined;
    const alone = running.alone(() => {
      begun = true;
      return new Promise<void>((resolve) => (end = resolve));
    });
    expect(running.takesQuestions).toBe('busy');
    running.end(first);
    await delay(0);
    expect(begun).toBe(false);
    running.end(second);
    await delay(0);
    expect(begun).toBe(true);
    end?.();
    await alone;
    expect(running.takesQuestions).toBe('yes');
    running.refuseQuestions();
    expect(running.takesQuestions).toBe('ending');
  });
});
