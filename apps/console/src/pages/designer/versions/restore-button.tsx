import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api, unwrap } from '../../../api/client.js';
import { notifyProblem } from '../../../ui/notify-problem.js';
import { offerUndo } from '../../../ui/offer-undo.js';
import { draftKey, serverDraft } from '../draft/server-draft.js';
import type { ServerDraft } from '../draft/autosave.js';
import { useDraft } from '../draft/use-draft.js';
import { useLatest } from '../steps/use-latest.js';

/** Makes a version the draft again. The draft that it replaces is one undo away. */
export function RestoreButton({ number, onRestored }: { number: number; onRestored: () => void }): ReactNode {
  const client = useQueryClient();
  const open = useDraft();
  const latest = useLatest(open);
  const { flow, saveNow, replace, select } = open;
  const restore = useMutation({
    mutationFn: async () => {
      if (!(await saveNow())) return null;
      const known = client.getQueryData<ServerDraft>(draftKey(flow.id));
      const saved = await unwrap(
        api.POST('/v1/flows/{flowId}/versions/{number}/restore', {
          params: {
            path: { flowId: flow.id, number: String(number) },
            header: { 'If-Match': `"${known?.revision ?? latest.current.revision}"` },
          },
        }),
      );
      return serverDraft(saved);
    },
    onSuccess: (restored) => {
      if (!restored) return;
      replace(restored);
      client.setQueryData(draftKey(flow.id), restored);
      select(null);
      onRestored();
      offerUndo({ message: `Version ${number} is the draft now`, onUndo: () => latest.current.undo() });
    },
    onError: notifyProblem,
  });
  return (
    <Button
      size="xs"
      variant="default"
      loading={restore.isPending}
      aria-label={`Restore version ${number}`}
      onClick={() => restore.mutate()}
    >
      Restore
    </Button>
  );
}
