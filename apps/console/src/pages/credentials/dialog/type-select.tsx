import { Select, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { ownTypes, presetTypes, type CredentialType } from './credential-types.js';

export interface TypeSelectProps {
  types: readonly CredentialType[];
  value: string | null;
  onChange: (key: string) => void;
}

/** The drop-down "Type", with search and what each type is for. */
export function TypeSelect({ types, value, onChange }: TypeSelectProps): ReactNode {
  const chosen = types.find(({ key }) => key === value);
  const groups = [ownTypes, presetTypes]
    .map((group) => ({ group, items: types.filter((type) => type.group === group) }))
    .filter(({ items }) => items.length > 0)
    .map(({ group, items }) => ({ group, items: items.map(({ key, label }) => ({ value: key, label })) }));
  return (
    <Select
      label="Type"
      description={chosen?.help}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      placeholder="Choose a type"
      required
      data={groups}
      value={value}
      onChange={(next) => next !== null && onChange(next)}
      allowDeselect={false}
      searchable
      nothingFoundMessage="No such type. If the sender signs its requests, take HMAC verification."
      maxDropdownHeight={320}
      data-pointer="/fields/type"
      renderOption={({ option }) => {
        const type = types.find(({ key }) => key === option.value);
        return (
          <div>
            <Text size="sm">{option.label}</Text>
            {type?.help !== undefined && type.group !== presetTypes && (
              <Text size="xs" c="dimmed">
                {type.help}
              </Text>
            )}
          </div>
        );
      }}
    />
  );
}
