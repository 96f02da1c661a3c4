import {
  rpcValue,
  type CredentialId,
  type Json,
  type JsonObject,
  type ListOptionsRequest,
  type OptionsReply,
  type ReadSchemaRequest,
  type RetrieveSampleRequest,
  type RpcRequest,
  type SampleReply,
  type SchemaReply,
  type WorkspaceId,
} from '@millrace/contracts';
import { credentialRepository } from '@millrace/persistence';
import type { ProblemError } from '@millrace/platform';
import type { ApiDeps } from '../deps.js';
import { problem, type ProblemCode } from '../http/problems.js';

type Deps = Pick<ApiDeps, 'database' | 'askComponent' | 'verifyWithinMs'>;

/** What became of a question about a step that is being set up. */
export type FormAnswer<Value> =
  | { outcome: 'answered'; value: Value }
  /** The component cannot tell, and says why in its own words, which hold no secret. */
  | { outcome: 'refused'; reason: { code: string; message: string; detail: Json } }
  /** The component's system kept it waiting for all of its time. */
  | { outcome: 'undecided'; message: string }
  | { outcome: 'unknownCredential' }
  /** The workspace asks too many questions at a time. */
  | { outcome: 'tooMany' }
  | { outcome: 'unavailable' | 'timeout' };

export type NoFormAnswer = Exclude<FormAnswer<unknown>, { outcome: 'answered' }>;

interface Replies {
  retrieveSample: SampleReply;
  listOptions: OptionsReply;
  readSchema: SchemaReply;
}

type Asked<Request> = Omit<Request, 'workspaceId' | 'credential' | 'timeoutMs'> & {
  component: string;
  credentialId: CredentialId | null;
  config: JsonObject;
};

/** Of one workspace at a time: questions that take their whole time shall not keep others from theirs. */
const maxQuestionsAtOnce = 6;
const asking = new Map<WorkspaceId, number>();

/** The part of the time that the component has; the rest is for the way there and back. */
const componentShare = 0.9;
const timeoutCode = 'timeout';

/** Asks a component about a step, with a credential of the workspace. Waits at most 30 s. */
export async function askForm<Request extends RetrieveSampleRequest | ListOptionsRequest | ReadSchemaRequest>(
  deps: Deps,
  workspaceId: WorkspaceId,
  asked: Asked<Request>,
): Promise<FormAnswer<Replies[Request['call']]>> {
  const { component, credentialId, ...question } = asked;
  const { manager } = deps.database.dataSource;
  const credential = credentialId && (await credentialRepository(manager).find(workspaceId, credentialId));
  if (credentialId && credential?.component !== component) return { outcome: 'unknownCredential' };
  const request = {
    ...question,
    workspaceId,
    credential: credential ? { id: credential.id, sealed: credential.sealed } : null,
    timeoutMs: Math.round(deps.verifyWithinMs * componentShare),
  } as unknown as Request & RpcRequest;
  const before = asking.get(workspaceId) ?? 0;
  if (before >= maxQuestionsAtOnce) return { outcome: 'tooMany' };
  asking.set(workspaceId, before + 1);
  const answer = await deps.askComponent(component, request, deps.verifyWithinMs).finally(() => {
    const left = (asking.get(workspaceId) ?? 1) - 1;
    if (left > 0) asking.set(workspaceId, left);
    else asking.delete(workspaceId);
  });
  if (answer.outcome !== 'answered') return answer;
  const { reply } = answer;
  if (reply.ok) {
    const value = rpcValue<Request['call']>(request.call, reply.value);
    return value ? { outcome: 'answered', value } : { outcome: 'unavailable' };
  }
  const { code, message, detail } = reply.error;
  return code === timeoutCode
    ? { outcome: 'undecided', message }
    : { outcome: 'refused', reason: { code, message, detail } };
}

/** The answer to a caller whose question stayed open; `refused` is the code for what the component says itself. */
export function formProblem(
  answer: NoFormAnswer,
  { component, refused }: { component: string; refused: ProblemCode },
): ProblemError {
  switch (answer.outcome) {
    case 'refused': {
      const { code, message, detail } = answer.reason;
      return problem(refused, { detail: message, extra: { reason: { code, message, detail } } });
    }
    case 'unknownCredential': {
      const message = `is no credential of the component “${component}”: choose another one`;
      return problem('validation_failed', {
        detail: `\`credentialId\` ${message}.`,
        extra: { problems: [{ pointer: '/credentialId', code: 'unknown_credential', message }] },
      });
    }
    case 'tooMany':
      return problem('too_many_requests', {
        detail: `${maxQuestionsAtOnce} questions to components are under way: wait for one of them.`,
        headers: { 'retry-after': '1' },
      });
    case 'undecided':
      return problem('component_timeout', {
        detail: `${answer.message.replace(/\.$/, '')}. Try again once its system answers.`,
      });
    case 'unavailable':
      return problem('component_unavailable', {
        detail: `The component “${component}” is away at the moment. Check that it runs and try again.`,
        headers: { 'retry-after': '10' },
      });
    case 'timeout':
      return problem('component_timeout', {
        detail: `The component “${component}” did not answer in time. Check that it can reach its system and try again.`,
      });
  }
}
