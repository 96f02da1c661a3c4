import { useQuery } from '@tanstack/react-query';
import { api, unwrap } from '../../../api/client.js';
import { keys } from '../../../api/keys.js';
import type { JsonSchema } from '../../../forms/json-schema.js';
import { missingLabels, valuesOf } from './dependencies.js';
import { useStep } from './step-context.js';

export interface InputSchema {
  schema: JsonSchema;
  /** Whether the component computes it. */
  isDynamic: boolean;
  loading: boolean;
  /** Why the component did not tell it. */
  error: unknown;
  /** What has to be filled in before. */
  missing: readonly string[];
  reload: () => void;
}

/** The schema of the input; where the component computes it, with what it says for this credential and configuration. */
export function useInputSchema(): InputSchema {
  const { step, component, operation } = useStep();
  const dependsOn = operation?.dynamicSchemas?.input?.dependsOn;
  const filled = { config: step.config ?? {}, input: {} };
  const missing = operation && dependsOn ? missingLabels(dependsOn, filled, operation) : [];
  const path = { name: component?.name ?? '', operation: operation?.name ?? '' };
  const query = useQuery({
    queryKey: [keys.components, 'schema', path, step.credentialId ?? null, valuesOf(dependsOn ?? [], filled)],
    queryFn: ({ signal }) =>
      unwrap(
        api.POST('/v1/components/{name}/operations/{operation}/schema', {
          params: { path },
          body: { of: 'input', credentialId: step.credentialId ?? null, config: filled.config },
          signal,
        }),
      ),
    enabled: dependsOn !== undefined && missing.length === 0,
    staleTime: 60_000,
    retry: false,
  });
  return {
    schema: query.data?.schema ?? operation?.input ?? {},
    isDynamic: dependsOn !== undefined,
    loading: query.isFetching,
    error: query.error,
    missing,
    reload: () => void query.refetch(),
  };
}
