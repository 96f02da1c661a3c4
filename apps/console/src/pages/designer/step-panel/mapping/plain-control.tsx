import { Autocomplete, CloseButton, Select, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconDatabase } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Field } from '../../../../forms/fields.js';
import { isRecord } from '../../../../forms/json-schema.js';
import { offeredChoices } from '../../../../forms/offered-choices.js';
import { OfferedSection } from '../../../../forms/offered-section.js';
import { useOfferedOptions } from '../../../../forms/use-offered-options.js';
import { fixedMember, readFieldValue } from './field-value.js';
import { useMapping } from './mapping-context.js';
import { MappingFields } from './mapping-fields.js';
import { MappingList } from './mapping-list.js';
import { settledNumber, typedMember } from './typed-member.js';

export interface PlainControlProps {
  id: string;
  field: Field;
  member: unknown;
  onChange: (member: unknown) => void;
  pointer: string;
}

/** A fixed value, a place in the data, or fields and items inside. */
export function PlainControl({ id, field, member, onChange, pointer }: PlainControlProps): ReactNode {
  const value = readFieldValue(member);
  if (value.kind === 'path' || value.kind === 'expression') {
    return (
      <TextInput
        id={id}
        readOnly
        value={value.expression}
        leftSection={<IconDatabase size={16} aria-hidden="true" />}
        rightSection={<CloseButton size="sm" aria-label={`Clear ${field.label}`} onClick={() => onChange(undefined)} />}
        onKeyDown={(event) => {
          if (event.key === 'Backspace' || event.key === 'Delete') onChange(undefined);
        }}
      />
    );
  }
  const list = (
    <MappingList field={field} value={Array.isArray(member) ? member : []} onChange={onChange} pointer={pointer} />
  );
  switch (field.kind) {
    case 'object':
    case 'map':
      return (
        <MappingFields
          schema={field.schema}
          value={isRecord(member) ? member : {}}
          onChange={onChange}
          pointer={pointer}
          free={field.kind === 'map'}
        />
      );
    case 'list':
      return list;
    case 'texts':
    case 'choices':
      if (value.kind === 'empty' || isTexts(member)) {
        return (
          <TagsInput
            id={id}
            data={field.choices.map(({ value: choice }) => String(choice))}
            placeholder="Type one and press Enter"
            value={isTexts(member) ? member.map((item) => JSON.parse(item) as string) : []}
            onChange={(next) => onChange(next.length === 0 ? undefined : next.map(fixedMember))}
            acceptValueOnBlur
          />
        );
      }
      return list;
    default:
      if (isRecord(member))
        return <MappingFields schema={{}} value={member} onChange={onChange} pointer={pointer} free />;
      if (Array.isArray(member)) return list;
      return (
        <FixedValue
          id={id}
          field={field}
          value={value.kind === 'fixed' ? value.value : undefined}
          onChange={onChange}
        />
      );
  }
}

interface FixedValueProps {
  id: string;
  field: Field;
  value: string | number | boolean | null | undefined;
  onChange: (member: unknown) => void;
}

function FixedValue({ id, field, value, onChange }: FixedValueProps): ReactNode {
  const { options } = useMapping();
  const text = value === undefined ? '' : String(value);
  const [search] = useDebouncedValue(text, 300);
  const offered = useOfferedOptions(options, field.optionsFrom ?? '', search);
  const write = (next: string): void => onChange(next === '' ? undefined : typedMember(field, next));
  const settle = (): void => {
    const number = typeof value === 'string' ? settledNumber(value) : undefined;
    if (number !== undefined) onChange(number);
  };
  const shared = { id, value: text, placeholder: field.placeholder };
  if (field.kind === 'choice' || field.kind === 'boolean') {
    const choices = field.kind === 'boolean' ? ['true', 'false'] : field.choices.map((choice) => String(choice.value));
    return (
      <Select
        {...shared}
        data={choices}
        value={value === undefined ? null : text}
        onChange={(next) => write(next ?? '')}
        clearable
        searchable={choices.length > 8}
        clearButtonProps={{ 'aria-label': `Clear ${field.label}` }}
      />
    );
  }
  if (field.optionsFrom !== undefined) {
    return (
      <Autocomplete
        {...shared}
        onChange={write}
        {...offeredChoices(offered.options)}
        error={offered.failure}
        rightSection={<OfferedSection label={field.label} offered={offered} />}
      />
    );
  }
  if (field.kind === 'multiline' || text.includes('\n')) {
    return (
      <Textarea {...shared} onChange={(event) => write(event.currentTarget.value)} autosize minRows={2} maxRows={12} />
    );
  }
  return (
    <TextInput
      {...shared}
      onChange={(event) => write(event.currentTarget.value)}
      {...(field.kind === 'number' && { inputMode: 'decimal' as const, onBlur: settle })}
    />
  );
}

function isTexts(member: unknown): member is string[] {
  if (!Array.isArray(member)) return false;
  return member.every((item) => {
    const value = readFieldValue(item);
    return typeof item === 'string' && value.kind === 'fixed' && typeof value.value === 'string';
  });
}
