import type { ApiClient } from '@millrace/dev';
import type { Flow } from '../support/tutorial.js';

export type FlowName = 'open' | 'basic' | 'hmac' | 'postOnly' | 'stopped';

export const hookSecrets = { username: 'wallace', password: 'chee:se-8d20', hmac: 'hmac-secret-77b3' };

/** The flows that the requests go to. */
export interface HookFlowSet {
  id(flow: FlowName): string;
  /** The path of its webhook URL. */
  path(flow: FlowName): string;
}

/** Flows whose only step is the webhook: no fault of another component can change what is counted. */
export async function createHookFlows(api: ApiClient): Promise<HookFlowSet> {
  const { username, password, hmac } = hookSecrets;
  const none = { type: 'none' };
  const flows: Record<FlowName, Flow> = {
    open: await createFlow(api, { name: 'Open', fields: none }),
    basic: await createFlow(api, { name: 'Basic', fields: { type: 'basic', username, password } }),
    hmac: await createFlow(api, { name: 'HMAC', fields: { type: 'hmac', secret: hmac } }),
    postOnly: await createFlow(api, { name: 'POST alone', fields: none, config: { methods: ['POST'] } }),
    stopped: await createFlow(api, { name: 'Stopped', fields: none }),
  };
  await api.post(`/v1/flows/${flows.stopped.id}/stop`);
  return {
    id: (flow) => flows[flow].id,
    path: (flow) => new URL(flows[flow].webhookUrl).pathname,
  };
}

async function createFlow(
  api: ApiClient,
  { name, fields, config = {} }: { name: string; fields: object; config?: object },
): Promise<Flow> {
  const credential = await api.post<{ id: string }>('/v1/credentials', { component: 'webhook', name, fields });
  const flow = await api.post<Flow>('/v1/flows', { name });
  const step = { id: 'step_1', component: 'webhook', operation: 'receive', credentialId: credential.id, config };
  const saved = await api.put<{ problems: unknown[] }>(`/v1/flows/${flow.id}/draft`, { steps: [step], edges: [] });
  if (saved.problems.length > 0) throw new Error(`The flow “${name}” has problems: ${JSON.stringify(saved.problems)}`);
  await api.post(`/v1/flows/${flow.id}/publish`);
  return api.post<Flow>(`/v1/flows/${flow.id}/start`);
}
