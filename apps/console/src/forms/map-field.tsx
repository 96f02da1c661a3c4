import { ActionIcon, Group, Input, Stack } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { pointerToken } from '../ui/json-pointer.js';
import { AddName } from './add-name.js';
import { fieldOf, type Field } from './fields.js';
import { useForm } from './form-context.js';
import { isRecord, type JsonSchema } from './json-schema.js';
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
  const { additionalProperties } = field.schema;
  const schema = isRecord(additionalProperties) ? (additionalProperties as JsonSchema) : {};
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
        <AddName
          label={`Name to add to ${field.label}`}
          placeholder="Name"
          words="Add"
          isTaken={(name) => Object.hasOwn(value, name)}
          onAdd={(name) => onChange({ ...value, [name]: '' })}
        />
      </Stack>
    </Input.Wrapper>
  );
}
