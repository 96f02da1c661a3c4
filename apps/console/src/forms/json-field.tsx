import { Textarea } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { monospace } from './monospace.js';

export interface JsonFieldProps {
  label: string;
  description?: string | undefined;
  placeholder?: string | undefined;
  required?: boolean;
  error?: string | undefined;
  'data-pointer'?: string;
  value: unknown;
  onChange: (value: unknown) => void;
}

/** Any value, typed as JSON. Text that is no JSON yet stays in the field, and its fault is said when it is left. */
export function JsonField({ value, onChange, error, ...shared }: JsonFieldProps): ReactNode {
  const [text, setText] = useState<string>();
  const [fault, setFault] = useState<string>();
  const shown = text ?? (value === undefined ? '' : JSON.stringify(value, null, 2));
  const take = (next: string): void => {
    setText(next);
    setFault(undefined);
    const read = readJson(next);
    if ('value' in read) onChange(read.value);
  };
  const leave = (): void => {
    const read = readJson(shown);
    if ('value' in read) setText(undefined);
    else setFault(read.fault);
  };
  return (
    <Textarea
      {...shared}
      styles={monospace}
      placeholder={shared.placeholder ?? 'Any JSON, such as {"name": "Gromit"}'}
      error={fault ?? error}
      value={shown}
      onChange={(event) => take(event.currentTarget.value)}
      onBlur={leave}
      autosize
      minRows={2}
      maxRows={14}
      spellCheck={false}
    />
  );
}

function readJson(text: string): { value: unknown } | { fault: string } {
  if (text.trim() === '') return { value: undefined };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { fault: `This is no JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}
