import { ActionIcon, Button, Group, Input, Stack, Text } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { fieldOf, itemsOf, type Field } from './fields.js';
import { useForm } from './form-context.js';
import { SchemaField } from './schema-field.js';

export interface ListFieldProps {
  field: Field;
  value: readonly unknown[];
  onChange: (value: unknown[] | undefined) => void;
  pointer: string;
}

/** A list whose items have a form of their own. */
export function ListField({ field, value, onChange, pointer }: ListFieldProps): ReactNode {
  const { root, problems } = useForm();
  const items = itemsOf(field.schema, root);
  const replaced = (at: number, item: unknown): unknown[] =>
    value.map((before, index) => (index === at ? item : before));
  return (
    <Input.Wrapper label={field.label} description={field.help} required={field.required} error={problems.get(pointer)}>
      <Stack gap="sm" mt={4} data-pointer={pointer}>
        {value.map((item, at) => (
          // The items of a list have nothing but their place.
          <Group key={at} align="flex-start" wrap="nowrap" gap="xs">
            <div style={{ flex: 1, minWidth: 0 }}>
              <SchemaField
                field={{ ...fieldOf(String(at), items, { root, required: false }), label: `${field.label} ${at + 1}` }}
                value={item}
                pointer={`${pointer}/${at}`}
                onChange={(next) => onChange(replaced(at, next ?? null))}
              />
            </div>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Remove ${field.label} ${at + 1}`}
              onClick={() => {
                const rest = value.filter((_, index) => index !== at);
                onChange(rest.length === 0 ? undefined : rest);
              }}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Group>
        ))}
        {value.length === 0 && (
          <Text size="sm" c="dimmed">
            None yet
          </Text>
        )}
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlus size={14} />}
          style={{ alignSelf: 'flex-start' }}
          onClick={() => onChange([...value, items.type === 'object' ? {} : null])}
        >
          Add to {field.label}
        </Button>
      </Stack>
    </Input.Wrapper>
  );
}
