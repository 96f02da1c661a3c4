import { useLocalStorage } from '@mantine/hooks';
import { useQueries, useQuery } from '@tanstack/react-query';
import { api, unwrap } from '../../api/client.js';
import { keys } from '../../api/keys.js';
import type { Flow } from '../../api/schema.generated.js';
import { tutorialFlow, tutorialSteps, type TutorialStep } from './tutorial-steps.js';

export interface Tutorial {
  /** Whether someone has begun it in this browser. */
  begun: boolean;
  begin: () => void;
  /** Whether someone does not want to be asked any more. */
  hidden: boolean;
  /** Forgets how far one has come, and offers it no more on the dashboard; the flow stays. */
  leave: () => void;
  flow: Flow | undefined;
  steps: readonly TutorialStep[];
  isPending: boolean;
  error: unknown;
  retry: () => unknown;
}

/** Stored in place of a time. */
const notWanted = -1;
const storageKey = 'millrace-tutorial-began-at';
/** The clock of the browser may be ahead of the one that dates flows. */
const clockSlackMs = 5_000;

/** How far the user of this browser has come in the tutorial, by what there really is. */
export function useTutorial(): Tutorial {
  const [beganAt, setBeganAt] = useLocalStorage<number>({
    key: storageKey,
    defaultValue: 0,
    getInitialValueInEffect: false,
  });
  const begun = beganAt > 0;
  const flows = useQuery({
    queryKey: [keys.flows, 'tutorial'],
    queryFn: ({ signal }) => unwrap(api.GET('/v1/flows', { params: { query: { limit: 100 } }, signal })),
    enabled: begun,
  });
  const flow = tutorialFlow(flows.data?.items ?? [], beganAt - clockSlackMs);
  const flowId = flow?.id ?? '';
  const enabled = flow !== undefined;
  const [samples, runs, rejections] = useQueries({
    queries: [
      {
        queryKey: [keys.flows, 'tutorial', flowId, 'samples'],
        queryFn: ({ signal }) =>
          unwrap(api.GET('/v1/flows/{flowId}/samples', { params: { path: { flowId } }, signal })),
        enabled,
      },
      {
        queryKey: [keys.runs, 'tutorial', flowId],
        queryFn: ({ signal }) =>
          unwrap(api.GET('/v1/runs', { params: { query: { flowId, limit: 20, payloads: 'none' } }, signal })),
        enabled,
      },
      {
        queryKey: [keys.rejections, 'tutorial', flowId],
        queryFn: ({ signal }) =>
          unwrap(api.GET('/v1/flows/{flowId}/rejections', { params: { path: { flowId } }, signal })),
        enabled,
      },
    ],
  });
  const failed = [flows, samples, runs, rejections].find(({ isError }) => isError);
  return {
    begun,
    begin: () => setBeganAt(Date.now()),
    hidden: beganAt === notWanted,
    leave: () => setBeganAt(notWanted),
    flow,
    steps: tutorialSteps({
      flow,
      samples: samples.data?.items ?? [],
      runs: runs.data?.items.map(({ status }) => status) ?? [],
      refused: rejections.data?.items.some(({ status }) => status === 401) ?? false,
    }),
    isPending: begun && flows.isPending,
    error: failed?.error,
    retry: () => failed?.refetch(),
  };
}
