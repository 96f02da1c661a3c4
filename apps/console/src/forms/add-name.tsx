import { Button, Group, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';

export interface AddNameProps {
  /** Of the field that the name is typed into. */
  label: string;
  placeholder: string;
  /** On the button. */
  words: string;
  isTaken: (name: string) => boolean;
  onAdd: (name: string) => void;
}

/** Adds a member with a name of the person's own to an object. */
export function AddName({ label, placeholder, words, isTaken, onAdd }: AddNameProps): ReactNode {
  const [name, setName] = useState('');
  const trimmed = name.trim();
  const taken = trimmed !== '' && isTaken(trimmed);
  const add = (): void => {
    if (trimmed === '' || taken) return;
    onAdd(trimmed);
    setName('');
  };
  return (
    <Group gap="xs" wrap="nowrap" align="flex-start">
      <TextInput
        size="xs"
        flex={1}
        aria-label={label}
        placeholder={placeholder}
        value={name}
        error={taken ? 'There is one of this name' : undefined}
        onChange={(event) => setName(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          add();
        }}
      />
      <Button
        size="xs"
        variant="default"
        leftSection={<IconPlus size={14} />}
        disabled={trimmed === '' || taken}
        onClick={add}
      >
        {words}
      </Button>
    </Group>
  );
}
