import { NumberInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Field } from './fields.js';

export interface NumberFieldProps {
  field: Field;
  label: string;
  description?: string | undefined;
  placeholder?: string | undefined;
  required: boolean;
  error?: string | undefined;
  'data-pointer': string;
  value: number | undefined;
  onChange: (value: number | undefined) => void;
}

export function NumberField({ field, value, onChange, ...shared }: NumberFieldProps): ReactNode {
  const { minimum, maximum, type } = field.schema;
  return (
    <NumberInput
      {...shared}
      value={value ?? ''}
      onChange={(next) => {
        const number = typeof next === 'number' ? next : Number(next);
        onChange(next === '' || !Number.isFinite(number) ? undefined : number);
      }}
      allowDecimal={type !== 'integer'}
      clampBehavior="none"
      {...(minimum !== undefined && { min: minimum })}
      {...(maximum !== undefined && { max: maximum })}
    />
  );
}
