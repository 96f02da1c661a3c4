import {
  Fieldset,
  MultiSelect,
  PasswordInput,
  Select,
  Switch,
  TagsInput,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import type { ReactNode } from 'react';
import { shownText, type Field } from './fields.js';
import { useForm } from './form-context.js';
import { isRecord } from './json-schema.js';
import { JsonField } from './json-field.js';
import { ListField } from './list-field.js';
import { MapField } from './map-field.js';
import { NumberField } from './number-field.js';
import { OptionsField } from './options-field.js';
import { SchemaFields } from './schema-fields.js';

export interface SchemaFieldProps {
  field: Field;
  /** `undefined` when the field is left out. */
  value: unknown;
  onChange: (value: unknown) => void;
  pointer: string;
}

/** One field of a form, as its schema asks for it. Values that do not fit the schema are shown as JSON, and never lost. */
export function SchemaField({ field, value, onChange, pointer }: SchemaFieldProps): ReactNode {
  const { problems, options, expression } = useForm();
  const error = problems.get(pointer);
  const shared = {
    label: field.label,
    description: field.help,
    placeholder: field.placeholder,
    required: field.required && field.fallback === undefined,
    error,
    'data-pointer': pointer,
  };
  const text = typeof value === 'string' ? value : '';
  const write = (next: string): void => onChange(next === '' ? undefined : next);

  if (field.optionsFrom !== undefined && options) {
    return <OptionsField field={field} value={value} onChange={onChange} pointer={pointer} source={options} />;
  }
  if (!fits(field, value)) return <JsonField {...shared} value={value} onChange={onChange} />;
  switch (field.kind) {
    case 'text':
      return <TextInput {...shared} value={text} onChange={(event) => write(event.currentTarget.value)} />;
    case 'multiline':
      return (
        <Textarea
          {...shared}
          value={text}
          onChange={(event) => write(event.currentTarget.value)}
          autosize
          minRows={3}
          maxRows={14}
        />
      );
    case 'secret':
      return (
        <PasswordInput
          {...shared}
          value={text}
          onChange={(event) => write(event.currentTarget.value)}
          autoComplete="new-password"
        />
      );
    case 'expression':
      return expression ? (
        expression({ ...shared, pointer, help: field.help, value: text, onChange: write })
      ) : (
        <TextInput {...shared} value={text} onChange={(event) => write(event.currentTarget.value)} />
      );
    case 'number':
      return <NumberField {...shared} field={field} value={value as number | undefined} onChange={onChange} />;
    case 'boolean':
      return (
        <Switch
          label={field.label}
          description={field.help}
          error={error}
          data-pointer={pointer}
          checked={(value ?? field.fallback) === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case 'choice':
      return (
        <Select
          {...shared}
          data={field.choices.map(({ value: choice, label }) => ({ value: String(choice), label }))}
          value={value === undefined ? null : shownText(value)}
          onChange={(next) => onChange(field.choices.find((choice) => String(choice.value) === next)?.value)}
          clearable={!shared.required}
          searchable={field.choices.length > 8}
          allowDeselect={!shared.required}
        />
      );
    case 'choices':
      return (
        <MultiSelect
          {...shared}
          data={field.choices.map(({ value: choice, label }) => ({ value: String(choice), label }))}
          value={listOf(value ?? field.fallback).map(String)}
          onChange={(next) => onChange(next.length === 0 ? undefined : next)}
          clearable
        />
      );
    case 'texts':
      return (
        <TagsInput
          {...shared}
          placeholder={field.placeholder ?? 'Type one and press Enter'}
          value={listOf(value ?? field.fallback).map(String)}
          onChange={(next) => onChange(next.length === 0 ? undefined : next)}
          acceptValueOnBlur
        />
      );
    case 'object':
      return (
        <Fieldset legend={field.label} variant="default" data-pointer={pointer}>
          {field.help !== undefined && (
            <Text size="sm" c="dimmed" mb="sm">
              {field.help}
            </Text>
          )}
          <SchemaFields
            schema={field.schema}
            value={isRecord(value) ? value : {}}
            pointer={pointer}
            onChange={(next) => onChange(Object.keys(next).length === 0 ? undefined : next)}
          />
        </Fieldset>
      );
    case 'list':
      return <ListField field={field} value={listOf(value)} onChange={onChange} pointer={pointer} />;
    case 'map':
      return <MapField field={field} value={isRecord(value) ? value : {}} onChange={onChange} pointer={pointer} />;
    case 'any':
      return <JsonField {...shared} value={value} onChange={onChange} />;
  }
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function fits({ kind }: Field, value: unknown): boolean {
  if (value === undefined) return true;
  switch (kind) {
    case 'text':
    case 'multiline':
    case 'secret':
    case 'expression':
      return typeof value === 'string';
    case 'number':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
    case 'choices':
    case 'texts':
      return Array.isArray(value) && value.every((item) => typeof item === 'string');
    case 'list':
      return Array.isArray(value);
    case 'object':
    case 'map':
      return isRecord(value);
    case 'choice':
    case 'any':
      return true;
  }
}
