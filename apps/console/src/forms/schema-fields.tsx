import { Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { fieldsOf, type Field } from './fields.js';
import { useForm } from './form-context.js';
import { pointerToken } from '../ui/json-pointer.js';
import type { JsonSchema } from './json-schema.js';
import { MoreFields } from './more-fields.js';
import { SchemaField } from './schema-field.js';
import { useFolding } from './use-folding.js';

export interface SchemaFieldsProps {
  schema: JsonSchema;
  value: Readonly<Record<string, unknown>>;
  onChange: (value: Record<string, unknown>) => void;
  /** JSON pointer of the object; faults and focus go by it. */
  pointer: string;
}

/** A form for an object: required fields first, many optional ones behind "More fields". */
export function SchemaFields({ schema, value, onChange, pointer }: SchemaFieldsProps): ReactNode {
  const { root, problems } = useForm();
  const fields = fieldsOf(schema, root);
  const hasProblem = (name: string): boolean => {
    const own = `${pointer}/${pointerToken(name)}`;
    return [...problems.keys()].some((at) => at === own || at.startsWith(`${own}/`));
  };
  const { shown, folded, isAsked } = useFolding(fields, (name) => value[name] !== undefined || hasProblem(name));
  const draw = (field: Field): ReactNode => (
    <SchemaField
      key={field.name}
      field={field}
      value={value[field.name]}
      pointer={`${pointer}/${pointerToken(field.name)}`}
      onChange={(next) => {
        const { [field.name]: _before, ...rest } = value;
        onChange(next === undefined ? rest : { ...rest, [field.name]: next });
      }}
    />
  );
  return (
    <Stack gap="md">
      {shown.length === 0 && folded.length > 0 && (
        <Text size="sm" c="dimmed">
          Nothing here has to be filled in.
        </Text>
      )}
      {shown.map(draw)}
      <MoreFields isAsked={isAsked}>{folded.map(draw)}</MoreFields>
    </Stack>
  );
}
