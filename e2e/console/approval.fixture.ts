import { createCredential, createRunningFlow } from '@millrace/dev';
import { eventually } from '@millrace/testing';
import { expect } from 'vitest';
import { call, type Run } from '../support/tutorial.js';
import type { ConsoleWorkspace } from './workspace.fixture.js';

/** Starts a flow whose runs wait for a call for an hour. Resolves with what begins one, waits until it waits, and gives its id. */
export async function startApproval(api: ConsoleWorkspace['api']): Promise<() => Promise<string>> {
  const credentialId = await createCredential(api, { component: 'webhook', name: 'Open', fields: { type: 'none' } });
  const { webhookUrl } = await createRunningFlow(api, {
    name: 'Approval',
    draft: {
      steps: [
        { id: 'step_1', component: 'webhook', operation: 'receive', credentialId },
        { id: 'step_2', component: 'webhook', operation: 'wait', config: { timeoutSeconds: 3_600 } },
      ],
      edges: [{ from: 'step_1', to: 'step_2' }],
    },
  });
  return async () => {
    const { requestId } = (await (await call(webhookUrl, { order: 7 })).json()) as { requestId: string };
    await eventually(async () => expect((await api.get<Run>(`/v1/runs/${requestId}`)).status).toBe('waiting'), {
      timeoutMs: 20_000,
    });
    return requestId;
  };
}
