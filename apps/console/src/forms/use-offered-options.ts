import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { FieldOption } from '../api/schema.generated.js';
import { keys } from '../api/keys.js';
import { problemWords } from '../ui/problem-words.js';
import type { OptionSource } from './form-context.js';

export interface OfferedOptions {
  options: readonly FieldOption[];
  loading: boolean;
  /** Why there are none, in words. */
  failure: string | undefined;
  /** What has to be filled in before. */
  missing: readonly string[];
  reload: () => void;
}

/** The values that a component offers for a field; searched by the component itself where it does that. */
export function useOfferedOptions(source: OptionSource | undefined, list: string, search: string): OfferedOptions {
  const missing = source?.missing(list) ?? [];
  const asked = source?.searchable(list) === true ? search : '';
  const query = useQuery({
    queryKey: [keys.components, 'options', list, asked, ...(source?.key(list) ?? [])],
    queryFn: ({ signal }) => source?.load(list, { search: asked, cursor: null, signal }),
    enabled: source !== undefined && list !== '' && missing.length === 0,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    // The reason of the component is worth more than another try.
    retry: false,
  });
  const words = query.error === null ? undefined : problemWords(query.error);
  return {
    options: query.data?.items ?? [],
    loading: query.isFetching,
    failure: words && `${words.title}. ${words.detail}`,
    missing,
    reload: () => void query.refetch(),
  };
}
