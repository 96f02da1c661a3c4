import { useMemo } from 'react';
import { api, unwrap } from '../../../api/client.js';
import type { OptionSource } from '../../../forms/form-context.js';
import { isRecord } from '../../../forms/json-schema.js';
import { missingLabels, valuesOf } from './dependencies.js';
import { useStep } from './step-context.js';

/** Asks the component of the step for the values of its fields, with what is filled in so far. */
export function useOptionSource(input: unknown): OptionSource {
  const { step, component, operation } = useStep();
  return useMemo(() => {
    const config = step.config ?? {};
    const known = isRecord(input) ? input : {};
    const dependsOn = (list: string): readonly string[] => operation?.options?.[list]?.dependsOn ?? [];
    return {
      key: (list) => [
        component?.name,
        operation?.name,
        step.credentialId ?? null,
        valuesOf(dependsOn(list), { config, input: known }),
      ],
      searchable: (list) => operation?.options?.[list]?.searchable === true,
      missing: (list) => (operation ? missingLabels(dependsOn(list), { config, input: known }, operation) : []),
      load: (list, { search, cursor, signal }) =>
        unwrap(
          api.POST('/v1/components/{name}/operations/{operation}/options', {
            params: { path: { name: component?.name ?? '', operation: operation?.name ?? '' } },
            body: { list, credentialId: step.credentialId ?? null, config, input: known, search, cursor },
            signal,
          }),
        ),
    } satisfies OptionSource;
  }, [component?.name, input, operation, step.config, step.credentialId]);
}
