import { eventually } from '@millrace/testing';
import { expect } from 'vitest';
import { call, startTutorialFlow, type Page, type Run } from '../support/tutorial.js';
import { startApproval } from './approval.fixture.js';
import type { ConsoleWorkspace } from './workspace.fixture.js';

/** What there is to look at. */
export interface Seed {
  flowId: string;
  /** A flow without a step. */
  emptyFlowId: string;
  /** A run that has succeeded. */
  runId: string;
  failedRunId: string;
  /** A run that waits for a call. */
  waitingRunId: string;
}

/** HTML and script where people and other systems can put text. */
export const hostile = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';

/**
 * Fills a workspace as it looks after some use: a flow that runs and has succeeded and failed, one that was never
 * published, a call that was refused, and text that would be script if it were not shown as text.
 */
export async function seedConsole({ api }: Pick<ConsoleWorkspace, 'api'>): Promise<Seed> {
  const flow = await startTutorialFlow(api, { type: 'basic', username: 'wallace', password: 'cheese' });
  const value = { petname: 'Gromit', petstatus: 'Sold' };
  await api.post(`/v1/flows/${flow.id}/steps/step_1/sample`, { mode: 'manual', value });
  const empty = await api.post<{ id: string }>('/v1/flows', { name: `Not published yet ${hostile}` });
  const authorization = `Basic ${Buffer.from('wallace:cheese').toString('base64')}`;
  const send = (body: unknown, headers: Record<string, string> = { authorization }) =>
    call(flow.webhookUrl, body, headers).then((answer) => answer.json() as Promise<{ requestId: string }>);
  await send({ petname: 'Nobody', petstatus: 'sold' }, { 'x-hostile': hostile });
  for (const petname of ['Gromit', 'Feathers McGraw']) await send({ ...value, petname });
  const { requestId: runId } = await send({
    petname: hostile,
    petstatus: 'Sold',
    tags: Array.from({ length: 40 }, (_, i) => `tag ${i}`),
  });
  const { requestId: failedRunId } = await send({ petname: { not: 'a name' }, petstatus: hostile });
  await eventually(
    async () => {
      const { items } = await api.get<Page<Run>>(`/v1/runs?flowId=${flow.id}`);
      expect(items.map(({ status }) => status).sort()).toEqual(['failed', 'succeeded', 'succeeded', 'succeeded']);
    },
    { timeoutMs: 30_000 },
  );
  const waitingRunId = await (await startApproval(api))();
  return { flowId: flow.id, emptyFlowId: empty.id, runId, failedRunId, waitingRunId };
}
