import type { ApiClient } from './api-client.js';

export const tutorialFlowName = 'Webhook to Petstore';

/** A flow as the control plane shows it, as far as this needs it. */
export interface CreatedFlow {
  readonly id: string;
  readonly webhookUrl: string;
}

/** Creates, publishes and starts the flow of the tutorial through the public API, just as a person would. */
export async function createTutorialFlow(api: ApiClient): Promise<CreatedFlow> {
  const webhook = await api.post<{ id: string }>('/v1/credentials', {
    component: 'webhook',
    name: 'Open webhook',
    fields: { type: 'none' },
  });
  const petstore = await api.post<{ id: string }>('/v1/credentials', {
    component: 'petstore',
    name: 'Sandbox Petstore',
    fields: { apiKey: 'secret' },
  });
  const flow = await api.post<CreatedFlow>('/v1/flows', { name: tutorialFlowName });
  const { problems } = await api.put<{ problems: unknown[] }>(`/v1/flows/${flow.id}/draft`, {
    steps: [
      {
        id: 'step_1',
        component: 'webhook',
        operation: 'receive',
        name: 'Webhook',
        note: '',
        credentialId: webhook.id,
        config: {},
      },
      {
        id: 'step_2',
        component: 'petstore',
        operation: 'createPet',
        name: 'Create a pet',
        note: '',
        credentialId: petstore.id,
        config: {},
        mapping: { name: 'petname', status: 'petstatus' },
      },
    ],
    edges: [{ from: 'step_1', to: 'step_2', condition: null }],
  });
  if (problems.length > 0) throw new Error(`The tutorial flow has problems: ${JSON.stringify(problems)}`);
  await api.post(`/v1/flows/${flow.id}/publish`);
  await api.post(`/v1/flows/${flow.id}/start`);
  return api.get<CreatedFlow>(`/v1/flows/${flow.id}`);
}
