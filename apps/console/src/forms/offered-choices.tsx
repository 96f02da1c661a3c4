import { Text, type AutocompleteProps, type ComboboxItem } from '@mantine/core';
import type { FieldOption } from '../api/schema.generated.js';

/**
 * The list of a field whose values the component offers: each with its label, and found by either. A number says nothing to a
 * person who looks for a pet by name.
 */
export function offeredChoices(
  options: readonly FieldOption[],
): Required<Pick<AutocompleteProps, 'data' | 'filter' | 'renderOption'>> {
  const labels = new Map(options.map(({ value, label }) => [String(value), label]));
  return {
    data: [...labels.keys()],
    filter: ({ options: all, search, limit }) => {
      const wanted = search.trim().toLowerCase();
      const fits = ({ value }: ComboboxItem): boolean =>
        `${value} ${labels.get(value) ?? ''}`.toLowerCase().includes(wanted);
      // What is chosen already is no search.
      const found = labels.has(search.trim()) ? all : all.filter((option) => fits(option as ComboboxItem));
      return found.slice(0, limit);
    },
    renderOption: ({ option }) => {
      const { value } = option;
      const label = labels.get(value) ?? value;
      return (
        <div>
          <Text size="sm">{label}</Text>
          {label !== value && (
            <Text size="xs" c="dimmed">
              {value}
            </Text>
          )}
        </div>
      );
    },
  };
}
