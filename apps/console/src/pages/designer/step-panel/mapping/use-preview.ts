import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useStep } from '../step-context.js';
import { previewMapping, type Preview } from './preview.js';

const pauseMs = 350;

export interface LivePreview extends Preview {
  /** Whether what is shown is of the mapping as it is now. */
  isCurrent: boolean;
  failure: unknown;
}

/** What the step would get from its samples, a moment after each change. */
export function usePreview(mapping: unknown, enabled = true): LivePreview {
  const { context, contextKey, step } = useStep();
  const text = JSON.stringify(mapping) ?? '';
  const [settled] = useDebouncedValue(text, pauseMs);
  const query = useQuery({
    queryKey: ['mapping-preview', step.id, contextKey, settled],
    queryFn: ({ signal }) => previewMapping(JSON.parse(settled) as unknown, context, signal),
    enabled: enabled && settled !== '',
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    gcTime: 60_000,
  });
  return {
    value: query.data?.value,
    faults: query.data?.faults ?? new Map(),
    isCurrent: settled === text && !query.isPlaceholderData && query.data !== undefined,
    failure: query.error,
  };
}
