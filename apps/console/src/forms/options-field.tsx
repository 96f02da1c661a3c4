import { Autocomplete } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { useForm, type OptionSource } from './form-context.js';
import { shownText, type Field } from './fields.js';
import { offeredChoices } from './offered-choices.js';
import { OfferedSection } from './offered-section.js';
import { useOfferedOptions } from './use-offered-options.js';

export interface OptionsFieldProps {
  field: Field;
  value: unknown;
  onChange: (value: unknown) => void;
  pointer: string;
  source: OptionSource;
}

const pauseMs = 300;

/** A field whose values the component offers; any other value can be typed as well. */
export function OptionsField({ field, value, onChange, pointer, source }: OptionsFieldProps): ReactNode {
  const { problems } = useForm();
  const typed = shownText(value);
  const [search] = useDebouncedValue(typed, pauseMs);
  const offered = useOfferedOptions(source, field.optionsFrom ?? '', search);
  const take = (next: string): void => {
    const option = offered.options.find((candidate) => String(candidate.value) === next);
    onChange(next === '' ? undefined : (option?.value ?? next));
  };
  return (
    <Autocomplete
      label={field.label}
      description={field.help}
      placeholder={offered.missing.length > 0 ? `First fill in ${offered.missing.join(', ')}` : field.placeholder}
      required={field.required && field.fallback === undefined}
      error={problems.get(pointer) ?? offered.failure}
      data-pointer={pointer}
      value={typed}
      onChange={take}
      {...offeredChoices(offered.options)}
      rightSection={<OfferedSection label={field.label} offered={offered} />}
    />
  );
}
