import { randomBytes } from 'node:crypto';
import { createHttpPools, type Component } from '@millrace/component-sdk';
import {
  newId,
  type CredentialId,
  type FlowId,
  type FlowVersionId,
  type JsonObject,
  type Json,
  type ResultMessage,
  type RpcReply,
  type RpcRequest,
  type RunId,
  rootPath,
  type StepId,
  type WorkspaceId,
} from '@millrace/contracts';
import { deriveComponentKey, sealCredential } from '@millrace/credentials';
import { answerCall } from './answer-call.js';
import { loadOutgoingRules, loadSettings } from './config.js';
import { createCredentialOpener } from './credentials.js';
import { memoryFiles, type MemoryFiles } from './memory-files.js';
import { runStep } from './run-step.js';
import { RunningSteps } from './running-steps.js';

/** What is known of a step that is being set up. */
export interface FormOfTest {
  credential?: JsonObject;
  config?: JsonObject;
  input?: Json;
}

export interface TestHost {
  /** Runs one operation as the runtime does, and returns what would go to `results`. */
  run(
    operation: string,
    step: { input: Json; config?: JsonObject; credential?: JsonObject; snapshot?: Json; timeoutMs?: number },
  ): Promise<ResultMessage>;
  /** Checks a credential as the runtime does when the control plane asks. */
  verify(fields: JsonObject): Promise<RpcReply>;
  /** Files that steps open and make; nothing is stored anywhere. */
  readonly files: Omit<MemoryFiles, 'open'>;
  /** Retrieves a sample, as the control plane has it done; with `run` an action that has none of its own is run. */
  sample(operation: string, form?: FormOfTest & { run?: boolean }): Promise<RpcReply>;
  /** Lists the values of one of the operation's `options`. */
  options(operation: string, list: string, form?: FormOfTest & { search?: string; cursor?: string }): Promise<RpcReply>;
  /** Computes the whole of a schema. */
  schema(operation: string, of: 'input' | 'output', form?: Omit<FormOfTest, 'input'>): Promise<RpcReply>;
  close(): Promise<void>;
}

/**
 * Runs a component without a broker, for the tests of its author: credentials are really sealed and opened, inputs parsed,
 * failures mapped, secrets masked. `env` holds the component's settings, and
 * `OUTGOING_ALLOW` where a test server is called at an address that is none of them.
 */
export function createTestHost(
  component: Component,
  options: { env?: Readonly<Record<string, string | undefined>> } = {},
): TestHost {
  const key = deriveComponentKey(randomBytes(32), component.name);
  const workspaceId = newId<WorkspaceId>();
  const settings = loadSettings(component, options.env ?? {});
  const pools = createHttpPools({ settings, rules: loadOutgoingRules(options.env ?? {}) });
  const files = memoryFiles();
  const deps = { component, open: createCredentialOpener(component, [key]), settings, pools, files: files.open };

  function seal(fields: JsonObject): { id: CredentialId; sealed: string } {
    const id = newId<CredentialId>();
    const sealed = sealCredential({ key, workspaceId, credentialId: id, component: component.name, fields });
    return { id, sealed };
  }

  const running = new RunningSteps();
  const ask = (request: RpcRequest): Promise<RpcReply> => answerCall(deps, request, { running });
  const asked = { workspaceId, timeoutMs: 5_000 };
  const sealed = ({ credential, config = {} }: FormOfTest) => ({
    credential: credential === undefined ? null : seal(credential),
    config,
  });

  return {
    async run(operation, { input, config = {}, credential, snapshot = null, timeoutMs = 5_000 }) {
      const message = {
        workspaceId,
        flowId: newId<FlowId>(),
        versionId: newId<FlowVersionId>(),
        runId: newId<RunId>(),
        stepId: 'step_1' as StepId,
        path: rootPath,
        attempt: 1,
        component: component.name,
        operation,
        config,
        input,
        credential: credential === undefined ? null : seal(credential),
        snapshot,
        timeoutMs,
        carry: { steps: {} },
      };
      const step = await runStep(deps, message, running);
      if (step.end === 'interrupted') throw new Error('Nothing interrupts a step here');
      return step.result;
    },
    verify: (fields) => ask({ call: 'verifyCredential', ...asked, credential: seal(fields) }),
    sample: (operation, { input = {}, run = false, ...form } = {}) =>
      ask({ call: 'retrieveSample', ...asked, operation, ...sealed(form), input, run }),
    options: (operation, list, { input = {}, search = '', cursor = null, ...form } = {}) =>
      ask({
        call: 'listOptions',
        ...asked,
        operation,
        list,
        ...sealed(form),
        input,
        search,
        cursor: cursor ?? null,
      }),
    schema: (operation, of, form = {}) => ask({ call: 'readSchema', ...asked, operation, of, ...sealed(form) }),
    files,
    close: () => pools.close(),
  };
}
