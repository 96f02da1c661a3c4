import type { ApiClient } from './api-client.js';

const tutorialFlowName = 'Webhook to Petstore';

/** A flow as the control plane shows it, as far as this needs it. */
export interface CreatedFlow {
  readonly id: string;
  readonly webhookUrl: string;
}

/** Creates a credential; resolves with its id. */
export async function createCredential(
  api: ApiClient,
  credential: { component: string; name: string; fields: object },
): Promise<string> {
  return (await api.post<{ id: string }>('/v1/credentials', credential)).id;
}

/** Creates, publishes and starts a flow. @throws Error when its draft has problems. */
export async function createRunningFlow(
  api: ApiClient,
  { name, draft }: { name: string; draft: { steps: object[]; edges: object[] } },
): Promise<CreatedFlow> {
  const flow = await api.post<CreatedFlow>('/v1/flows', { name });
  const { problems } = await api.put<{ problems: unknown[] }>(`/v1/flows/${flow.id}/draft`, draft);
  if (problems.length > 0) throw new Error(`The flow “${name}” has problems: ${JSON.stringify(problems)}`);
  await api.post(`/v1/flows/${flow.id}/publish`);
  await api.post(`/v1/flows/${flow.id}/start`);
  return api.get<CreatedFlow>(`/v1/flows/${flow.id}`);
}

/** Creates, publishes and starts the flow of the tutorial through the public API, just as a person would. */
export async function createTutorialFlow(
  api: ApiClient,
  { webhookFields = { type: 'none' } }: { webhookFields?: object } = {},
): Promise<CreatedFlow> {
  const webhook = await createCredential(api, { component: 'webhook', name: 'Open webhook', fields: webhookFields });
  const petstore = await createCredential(api, {
    component: 'petstore',
    name: 'Sandbox Petstore',
    fields: { apiKey: 'secret' },
  });
  const draft = {
    steps: [
      {
        id: 'step_1',
        component: 'webhook',
        operation: 'receive',
        name: 'Webhook',
        note: '',
        credentialId: webhook,
        config: {},
      },
      {
        id: 'step_2',
        component: 'petstore',
        operation: 'createPet',
        name: 'Create a pet',
        note: '',
        credentialId: petstore,
        config: {},
        mapping: { name: 'petname', status: 'petstatus' },
      },
    ],
    edges: [{ from: 'step_1', to: 'step_2', condition: null }],
  };
  return createRunningFlow(api, { name: tutorialFlowName, draft });
}
