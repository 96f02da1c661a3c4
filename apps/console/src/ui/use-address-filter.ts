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

/**
 * Filters that live in the address, so that a page can be shared and survives a reload. A change replaces the address and
 * makes no step for Back. Give it the same array in every render.
 */
export function useAddressFilter<const Name extends string>(names: readonly Name[]): AddressFilter<Name> {
  const [search, setSearch] = useSearchParams();
  const values = Object.fromEntries(names.map((name) => [name, search.get(name) ?? ''])) as Record<Name, string>;
  const change = useCallback(
    (changed: Partial<Record<Name, string | null>>) => {
      setSearch(
        (before) => {
          const next = new URLSearchParams(before);
          for (const [name, value] of Object.entries<string | null | undefined>(changed)) {
            if (value === '' || value === null || value === undefined) next.delete(name);
            else next.set(name, value);
          }
          return next;
        },
        { replace: true, preventScrollReset: true },
      );
    },
    [setSearch],
  );
  const clear = useCallback(() => {
    change(Object.fromEntries(names.map((name) => [name, null])) as Partial<Record<Name, null>>);
  }, [change, names]);
  return { values, active: names.some((name) => values[name] !== ''), change, clear };
}
