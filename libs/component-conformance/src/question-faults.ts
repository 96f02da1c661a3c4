import type { JsonObject, RpcReply } from '@millrace/contracts';
import { nameFaults, textFaults } from './error-text.js';
import { peerWords, refusing } from './peer.js';
import { stepOf, type Trial } from './trial.js';

/** What may be asked about a credential or a step that is being set up. */
export interface Question {
  name: string;
  ask: () => Promise<RpcReply>;
}

/** The questions that a component answers: whether a credential is good, samples, lists of values, schemas. */
export function questionsOf(trial: Trial): Question[] {
  const { component, host, credential } = trial;
  const questions: Question[] = [];
  if (component.credentials?.verify && credential) {
    questions.push({ name: 'verify', ask: () => host.verify(credential) });
  }
  for (const [name, operation] of component.operations) {
    const form = () => {
      const { snapshot: _snapshot, ...known } = stepOf(trial, name);
      return known;
    };
    const { sample, options, schemas } = operation.form;
    if (sample || operation.triggerType === 'polling') {
      questions.push({ name: `the sample of ${name}`, ask: () => host.sample(name, form()) });
    }
    for (const list of options.keys()) {
      questions.push({ name: `the list ${list} of ${name}`, ask: () => host.options(name, list, form()) });
    }
    for (const of of ['input', 'output'] as const) {
      if (!schemas[of]) continue;
      questions.push({
        name: `the ${of} schema of ${name}`,
        ask: () => {
          const { input: _input, ...known } = form();
          return host.schema(name, of, known);
        },
      });
    }
  }
  return questions;
}

/** A question for which the peer is asked is refused in the peer's words; any other is answered. */
export async function refusedQuestionFaults(trial: Trial): Promise<string[]> {
  trial.peer.behaviour = refusing(401);
  const faults: string[] = [];
  for (const { name, ask } of questionsOf(trial)) {
    trial.peer.calls = [];
    const reply = await ask();
    const called = trial.peer.calls.length > 0;
    if (reply.ok) {
      if (called) faults.push(`${name} does not say that the peer refused it`);
      continue;
    }
    const { message } = reply.error;
    const found = [...textFaults(message, trial.secrets), ...(called ? nameFaults(message, [peerWords]) : [])];
    faults.push(...found.map((fault) => `${name}: ${fault}`));
  }
  return faults;
}

/** The names of the questions for which the peer is asked. */
async function callingQuestions(trial: Trial): Promise<ReadonlySet<string>> {
  trial.peer.behaviour = refusing(401);
  const calling = new Set<string>();
  for (const { name, ask } of questionsOf(trial)) {
    trial.peer.calls = [];
    await ask();
    if (trial.peer.calls.length > 0) calling.add(name);
  }
  trial.peer.calls = [];
  return calling;
}

/**
 * A peer that never answers keeps nobody waiting: all questions end in their time, and so do their calls. What was asked of it
 * is not answered as if it had said something.
 */
export async function silentQuestionFaults(trial: Trial): Promise<string[]> {
  const calling = await callingQuestions(trial);
  trial.peer.behaviour = 'silent';
  const questions = questionsOf(trial);
  const answers = await Promise.all(questions.map(async ({ name, ask }) => ({ name, reply: await ask() })));
  await new Promise((resolve) => setTimeout(resolve, 200));
  const faults = answers.flatMap(({ name, reply }) => {
    if (!reply.ok) return textFaults(reply.error.message, trial.secrets).map((fault) => `${name}: ${fault}`);
    return calling.has(name) ? [`${name} is answered though the peer that it asks never answered`] : [];
  });
  if (trial.peer.calls.some(({ ended }) => !ended)) faults.push('a call goes on after its question was answered');
  return faults;
}

/** Fields that the schema refuses are refused in words. */
export async function emptyCredentialFaults({ component, host }: Trial): Promise<string[]> {
  const fields: JsonObject = {};
  if (!component.credentials?.verify || component.credentials.fields.safeParse(fields).success) return [];
  const reply = await host.verify(fields);
  return reply.ok ? ['a credential without its fields is taken for good'] : textFaults(reply.error.message, []);
}
