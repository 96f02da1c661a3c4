import type { ReactNode } from 'react';
import { useParams } from 'react-router';
import { LoadingPage } from '../../ui/loading.js';
import { PageHeader } from '../../ui/page-header.js';
import { ProblemAlert } from '../../ui/problem-alert.js';
import { useFlow } from '../shared/use-flow.js';
import { Designer } from './designer.js';
import { DraftProvider } from './draft/draft-provider.js';
import { useServerDraft } from './draft/server-draft.js';

/** `/flows/:flowId`: one flow, its steps and what can be done with it. */
export function DesignerPage(): ReactNode {
  const { flowId = '' } = useParams();
  const flow = useFlow(flowId);
  const server = useServerDraft(flowId);
  if (flow.data && server.data) {
    return (
      <DraftProvider key={flowId} flow={flow.data} server={server.data}>
        <Designer />
      </DraftProvider>
    );
  }
  const failed = flow.isError ? flow : server.isError ? server : undefined;
  if (!failed) return <LoadingPage />;
  return (
    <>
      <PageHeader title="Flow" />
      <ProblemAlert error={failed.error} onRetry={() => failed.refetch()} />
    </>
  );
}
