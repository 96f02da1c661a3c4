import { ActionIcon, Button, Group, Input, Stack, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { fieldOf, type Field } from './fields.js';
import { useForm } from './form-context.js';
import { isRecord, pointerToken, type JsonSchema } from './json-schema.js';
import { SchemaField } from './schema-field.js';

export interface MapFieldProps {
  field: Field;
  value: Readonly<Record<string, unknown>>;
  onChange: (value: Record<string, unknown> | undefined) => void;
  pointer: string;
}

/** Names of the person's own, such as those of headers, each with a value. */
export function MapField({ field, value, onChange, pointer }: MapFieldProps): ReactNode {
  const { root, problems } = useForm();
  const [name, setName] = useState('');
  const { additionalProperties } = field.schema;
  const schema = isRecord(additionalProperties) ? (additionalProperties as JsonSchema) : {};
  const add = (): void => {
    const trimmed = name.trim();
    if (trimmed === '' || Object.hasOwn(value, trimmed)) return;
    onChange({ ...value, [trimmed]: '' });
    setName('');
  };
  return (
    <Input.Wrapper label={field.label} description={field.help} required={field.required} error={problems.get(pointer)}>
      <Stack gap="sm" mt={4} data-pointer={pointer}>
        {Object.entries(value).map(([key, item]) => (
          <Group key={key} align="flex-end" wrap="nowrap" gap="xs">
            <div style={{ flex: 1, minWidth: 0 }}>
              <SchemaField
                field={{ ...fieldOf(key, schema, { root, required: false }), label: key }}
                value={item}
                pointer={`${pointer}/${pointerToken(key)}`}
                onChange={(next) => onChange({ ...value, [key]: next ?? '' })}
              />
            </div>
            <ActionIcon
              variant="subtle"
              color="gray"
              mb={4}
              aria-label={`Remove ${key}`}
              onClick={() => {
                const { [key]: _gone, ...rest } = value;
                onChange(Object.keys(rest).length === 0 ? undefined : rest);
              }}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Group>
        ))}
        <Group gap="xs" wrap="nowrap">
          <TextInput
            flex={1}
            size="xs"
            placeholder="Name"
            aria-label={`Name to add to ${field.label}`}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter') return;
              event.preventDefault();
              add();
            }}
          />
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPlus size={14} />}
            onClick={add}
            disabled={name.trim() === ''}
          >
            Add
          </Button>
        </Group>
      </Stack>
    </Input.Wrapper>
  );
}
