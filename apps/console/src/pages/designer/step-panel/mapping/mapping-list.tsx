import { ActionIcon, Button, Stack } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { fieldOf, itemsOf, type Field } from '../../../../forms/fields.js';
import { useMapping } from './mapping-context.js';
import { MappingField } from './mapping-field.js';

export interface MappingListProps {
  field: Field;
  value: readonly unknown[];
  onChange: (value: unknown[] | undefined) => void;
  pointer: string;
}

/** The items of a list of the mapping. */
export function MappingList({ field, value, onChange, pointer }: MappingListProps): ReactNode {
  const { root } = useMapping();
  const items = itemsOf(field.schema, root);
  return (
    <Stack gap="sm">
      {value.map((item, at) => {
        const label = `${field.label} ${at + 1}`;
        return (
          <MappingField
            key={`${pointer}/${at}`}
            field={{ ...fieldOf(String(at), items, { root, required: false }), label }}
            member={item}
            pointer={`${pointer}/${at}`}
            onChange={(member) => onChange(value.map((before, index) => (index === at ? (member ?? null) : before)))}
            action={
              <ActionIcon
                variant="subtle"
                color="gray"
                size={36}
                aria-label={`Remove ${label}`}
                onClick={() => {
                  const rest = value.filter((_, index) => index !== at);
                  onChange(rest.length === 0 ? undefined : rest);
                }}
              >
                <IconTrash size={16} />
              </ActionIcon>
            }
          />
        );
      })}
      <Button
        size="xs"
        variant="default"
        style={{ alignSelf: 'flex-start' }}
        leftSection={<IconPlus size={14} />}
        onClick={() => onChange([...value, items.type === 'object' ? {} : '""'])}
      >
        Add to {field.label}
      </Button>
    </Stack>
  );
}
