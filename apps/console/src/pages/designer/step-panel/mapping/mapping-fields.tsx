import { ActionIcon, Stack } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { AddName } from '../../../../forms/add-name.js';
import { fieldOf, fieldsOf, type Field } from '../../../../forms/fields.js';
import { isRecord, type JsonSchema } from '../../../../forms/json-schema.js';
import { MoreFields } from '../../../../forms/more-fields.js';
import { useFolding } from '../../../../forms/use-folding.js';
import { pointerToken } from '../../../../ui/json-pointer.js';
import { useMapping } from './mapping-context.js';
import { MappingField } from './mapping-field.js';

export interface MappingFieldsProps {
  schema: JsonSchema;
  value: Readonly<Record<string, unknown>>;
  /** `undefined` when nothing is left. */
  onChange: (value: Record<string, unknown> | undefined) => void;
  pointer: string;
  /** The person gives all names, as of headers. */
  free?: boolean;
}

/** The fields of an object of the mapping: those of its schema, then those of the person's own. */
export function MappingFields({ schema, value, onChange, pointer, free = false }: MappingFieldsProps): ReactNode {
  const { root, problems } = useMapping();
  const known = free ? [] : fieldsOf(schema, root);
  const names = new Set(known.map(({ name }) => name));
  const others = Object.keys(value).filter((name) => !names.has(name));
  const { shown, folded, isAsked } = useFolding(
    known,
    (name) => value[name] !== undefined || problems.has(`${pointer}/${pointerToken(name)}`),
  );
  const set = (name: string, member: unknown): void => {
    const { [name]: _before, ...rest } = value;
    const next = member === undefined ? rest : { ...value, [name]: member };
    onChange(Object.keys(next).length === 0 ? undefined : next);
  };
  const draw = (field: Field, action?: ReactNode): ReactNode => (
    <MappingField
      key={field.name}
      field={field}
      member={value[field.name]}
      pointer={`${pointer}/${pointerToken(field.name)}`}
      onChange={(member) => set(field.name, isOwn(field, names) ? (member ?? '""') : member)}
      action={action}
    />
  );
  const { additionalProperties } = schema;
  const items = isRecord(additionalProperties) ? (additionalProperties as JsonSchema) : {};
  return (
    <Stack gap="md">
      {shown.map((field) => draw(field))}
      <MoreFields isAsked={isAsked}>{folded.map((field) => draw(field))}</MoreFields>
      {others.map((name) =>
        draw(
          { ...fieldOf(name, items, { root, required: false }), label: name },
          <ActionIcon
            variant="subtle"
            color="gray"
            size={36}
            aria-label={`Remove ${name}`}
            onClick={() => set(name, undefined)}
          >
            <IconTrash size={16} />
          </ActionIcon>,
        ),
      )}
      {(free || additionalProperties !== false) && (
        <AddName
          label="Name of a field to add"
          placeholder="Name of a further field"
          words="Add field"
          isTaken={(name) => Object.hasOwn(value, name) || names.has(name)}
          onAdd={(name) => onChange({ ...value, [name]: '""' })}
        />
      )}
    </Stack>
  );
}

function isOwn(field: Field, names: ReadonlySet<string>): boolean {
  return !names.has(field.name);
}
