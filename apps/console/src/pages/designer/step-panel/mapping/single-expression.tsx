import { Group, Input } from '@mantine/core';
import { useRef, type ReactNode } from 'react';
import { inShort } from './data-tree.js';
import { ExpressionOutcome } from './expression-outcome.js';
import { ExpressionEditor, type ExpressionEditorHandle } from './lazy-expression-editor.js';
import { usePreview } from './use-preview.js';
import { ValuePicker } from './value-picker.js';

export interface SingleExpressionProps {
  label: string;
  help?: string | undefined;
  required?: boolean;
  error?: string | undefined;
  value: string;
  onChange: (value: string) => void;
  pointer: string;
  /** Whether it reads what the step does, so that its value on the sample can be shown. */
  previews?: boolean;
}

/** An expression that stands alone: a condition, a whole mapping, an expression in a configuration. */
export function SingleExpression(props: SingleExpressionProps): ReactNode {
  const { label, help, required = false, error, value, onChange, pointer, previews = true } = props;
  const editor = useRef<ExpressionEditorHandle>(null);
  const preview = usePreview(value, previews && value.trim() !== '');
  const fault = value.trim() === '' ? undefined : preview.faults.get('');
  return (
    <div data-pointer={pointer}>
      <Input.Wrapper
        labelElement="div"
        label={label}
        description={help}
        required={required}
        error={fault ? undefined : error}
      >
        <Group gap={6} wrap="nowrap" align="flex-start" mt={4}>
          <div style={{ flex: 1, minWidth: 0 }}>
            <ExpressionEditor ref={editor} label={label} value={value} onChange={onChange} fault={fault} />
          </div>
          {previews && <ValuePicker label={label} onPick={(expression) => editor.current?.insert(expression)} />}
        </Group>
      </Input.Wrapper>
      {(fault || (previews && value.trim() !== '' && preview.isCurrent)) && (
        <ExpressionOutcome
          fault={fault}
          text={preview.value === undefined ? undefined : inShort(preview.value)}
          isLive
        />
      )}
    </div>
  );
}
