import { Box } from '@mantine/core';
import type { FlowDifference, FlowDraft } from '@millrace/flow-model';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api, unwrap } from '../../../api/client.js';
import { keys } from '../../../api/keys.js';
import type { Component } from '../../../api/schema.generated.js';
import { LoadingRows } from '../../../ui/loading.js';
import { ProblemAlert } from '../../../ui/problem-alert.js';
import { useDraft } from '../draft/use-draft.js';
import { titleIn } from '../steps/step-view.js';
import { DifferenceView } from './difference-view.js';

/** What was changed in the draft since a version. */
export function VersionDifference({
  number,
  components,
}: {
  number: number;
  components: ReadonlyMap<string, Component>;
}): ReactNode {
  const { flow, draft, revision } = useDraft();
  const path = { flowId: flow.id };
  const found = useQuery({
    queryKey: [keys.flows, 'version-difference', flow.id, number, revision],
    queryFn: async ({ signal }) => {
      const [version, difference] = await Promise.all([
        unwrap(
          api.GET('/v1/flows/{flowId}/versions/{number}', {
            params: { path: { ...path, number: String(number) } },
            signal,
          }),
        ),
        unwrap(api.GET('/v1/flows/{flowId}/difference', { params: { path, query: { from: number } }, signal })),
      ]);
      return { definition: version.definition as FlowDraft, difference: difference as FlowDifference };
    },
    placeholderData: (before) => before,
  });
  if (found.isError) return <ProblemAlert error={found.error} onRetry={() => found.refetch()} />;
  if (!found.data) return <LoadingRows count={2} />;
  const { definition, difference } = found.data;
  return (
    <Box mt="sm">
      <DifferenceView
        difference={difference}
        titleOf={(stepId) => titleIn([draft, definition], stepId, components)}
        same="The draft is the same."
      />
    </Box>
  );
}
