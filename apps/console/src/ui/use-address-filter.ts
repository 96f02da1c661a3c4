import { useCallback } from 'react';
import { useSearchParams } from 'react-router';

export interface AddressFilter<Name extends string> {
  /** What is chosen; an empty text where nothing is. */
  values: Readonly<Record<Name, string>>;
  /** Whether anything is chosen at all. */
  active: boolean;
  /** Changes some of it; an empty text or null takes a choice away. */
  change: (values: Partial<Record<Name, string | null>>) => void;
  clear: () => void;
}

/** Filters that live in the address, so that a page can be shared. Typing replaces the address and makes no steps for Back. */
export function useAddressFilter<const Name extends string>(names: readonly Name[]): AddressFilter<Name> {
  const [search, setSearch] = useSearchParams();
  const values = Object.fromEntries(names.map((name) => [name, search.get(name) ?? ''])) as Record<Name, string>;
  const change = useCallback(
    (changed: Partial<Record<Name, string | null>>) => {
      setSearch(
        (before) => {
          for (const [name, value] of Object.entries<string | null | undefined>(changed)) {
            if (value === '' || value === null || value === undefined) before.delete(name);
            else before.set(name, value);
          }
          return before;
        },
        { replace: true, preventScrollReset: true },
      );
    },
    [setSearch],
  );
  const clear = useCallback(() => {
    change(Object.fromEntries(names.map((name) => [name, null])) as Partial<Record<Name, null>>);
    // The names are the same in each render, whatever array holds them.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [change]);
  return { values, active: names.some((name) => values[name] !== ''), change, clear };
}
