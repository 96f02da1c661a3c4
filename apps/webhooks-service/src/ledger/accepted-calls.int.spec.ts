import { millisOf, newId } from '@millrace/contracts';
import { expect, it } from 'vitest';
import { useWebhooksService } from '../webhooks-service.fixture.js';

const hooks = useWebhooksService();
const hourMs = 3_600_000;

it('counts the calls that the broker has, per flow, and no others, and writes the counts at its end', async () => {
  const flow = await hooks.seed();
  const other = await hooks.seed();
  const beganMs = Math.floor(millisOf(newId()) / hourMs) * hourMs;
  for (let n = 0; n < 5; n += 1) expect((await hooks.post(flow.flowId, '{}')).status).toBe(200);
  expect((await hooks.post(other.flowId, '{}')).status).toBe(200);
  expect((await hooks.post(flow.flowId, '{')).status).toBe(400);
  expect((await hooks.post(newId(), '{}')).status).toBe(404);
  await hooks.close();
  const rows = await hooks.query(
    'select flow_id, workspace_id, sum(calls)::int as calls, min(hour) as hour from accepted_calls group by 1, 2 order by 3',
  );
  expect(rows).toMatchObject([
    { flow_id: other.flowId, workspace_id: other.workspaceId, calls: 1 },
    { flow_id: flow.flowId, workspace_id: flow.workspaceId, calls: 5 },
  ]);
  expect((rows as { hour: Date }[])[1]?.hour).toEqual(new Date(beganMs));
});
