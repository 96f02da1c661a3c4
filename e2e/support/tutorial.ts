import { expect } from 'vitest';
import type { ApiClient } from '@millrace/dev';

export interface Flow {
  id: string;
  status: string;
  webhookUrl: string;
  publishedVersion: number | null;
}

export interface StepRun {
  stepId: string;
  status: string;
  input: unknown;
  output: unknown;
  error: { code: string; message: string } | null;
}

export interface Run {
  id: string;
  status: string;
  steps: StepRun[];
}

export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}

/** The draft of "Webhook to Petstore". */
export function tutorialDraft(webhookCredentialId: string, petstoreCredentialId: string) {
  return {
    steps: [
      { id: 'step_1', component: 'webhook', operation: 'receive', credentialId: webhookCredentialId },
      {
        id: 'step_2',
        component: 'petstore',
        operation: 'createPet',
        credentialId: petstoreCredentialId,
        mapping: { name: 'petname', status: 'petstatus' },
      },
    ],
    edges: [{ from: 'step_1', to: 'step_2', condition: null }],
  };
}

/** Builds, publishes and starts the tutorial's flow call by call, as a person would with the API. */
export async function startTutorialFlow(api: ApiClient, webhookFields: object = { type: 'none' }): Promise<Flow> {
  const webhook = await api.post<{ id: string }>('/v1/credentials', {
    component: 'webhook',
    name: 'Incoming',
    fields: webhookFields,
  });
  const petstore = await api.post<{ id: string }>('/v1/credentials', {
    component: 'petstore',
    name: 'Petstore',
    fields: { apiKey: 'secret' },
  });
  const flow = await api.post<Flow>('/v1/flows', { name: 'Webhook to Petstore' });
  const saved = await api.put<{ problems: unknown[] }>(
    `/v1/flows/${flow.id}/draft`,
    tutorialDraft(webhook.id, petstore.id),
  );
  expect(saved.problems).toEqual([]);
  await api.post(`/v1/flows/${flow.id}/publish`);
  return api.post<Flow>(`/v1/flows/${flow.id}/start`);
}

/** Every run of a flow, page by page. */
export async function allRuns(api: ApiClient, flowId: string): Promise<Run[]> {
  const runs: Run[] = [];
  let cursor: string | null = null;
  do {
    const after: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: Page<Run> = await api.get<Page<Run>>(`/v1/runs?flowId=${flowId}&limit=100${after}`);
    runs.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return runs;
}

/** Names of all pets of a status in the sandbox. */
export async function petNames(sandboxUrl: string, status: string): Promise<string[]> {
  const answer = await fetch(`${sandboxUrl}/petstore/v2/pet/findByStatus?status=${status}`, {
    headers: { 'api-key': 'secret' },
  });
  return ((await answer.json()) as { name: string }[]).map((pet) => pet.name);
}

/** Posts JSON to a webhook URL. */
export function call(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    signal: AbortSignal.timeout(20_000),
  });
}
