import { useSearchParams } from 'react-router';

export interface AddressFilter {
  /** What the address holds under a name; undefined when nothing. */
  get: (name: string) => string | undefined;
  /** Writes values into the address; undefined removes one. */
  set: (values: Readonly<Record<string, string | undefined>>) => void;
}

/** Filters that stand in the address, so that a page can be shared and survives a reload. */
export function useAddressFilter(): AddressFilter {
  const [search, setSearch] = useSearchParams();
  return {
    get: (name) => search.get(name)?.trim() || undefined,
    set: (values) => {
      setSearch(
        (present) => {
          const next = new URLSearchParams(present);
          for (const [name, value] of Object.entries(values)) {
            if (value === undefined || value === '') next.delete(name);
            else next.set(name, value);
          }
          return next;
        },
        { replace: true, preventScrollReset: true },
      );
    },
  };
}
