import { ActionIcon, Group, Input, Tooltip } from '@mantine/core';
import { IconAbc, IconMathFunction } from '@tabler/icons-react';
import { useId, useRef, useState, type DragEvent, type ReactNode } from 'react';
import { isNeeded, type Field } from '../../../../forms/fields.js';
import { useLatest } from '../../steps/use-latest.js';
import { asExpression, readFieldValue } from './field-value.js';
import { ExpressionEditor, type ExpressionEditorHandle } from './lazy-expression-editor.js';
import { LiveResult } from './live-result.js';
import { dragType, useMapping } from './mapping-context.js';
import classes from './mapping-field.module.css';
import { PlainControl } from './plain-control.js';
import { ValuePicker } from './value-picker.js';

export interface MappingFieldProps {
  field: Field;
  /** The member of the mapping; `undefined` when it has none. */
  member: unknown;
  onChange: (member: unknown) => void;
  /** Within the step: `/mapping/name`. */
  pointer: string;
  /** Beside the field: removes it, where it is one of the person's own. */
  action?: ReactNode;
}

/** A field of the input: a fixed value, a place in the data, or an expression with its live result. */
export function MappingField({ field, member, onChange, pointer, action }: MappingFieldProps): ReactNode {
  const { problems, preview, modeOf, setMode, noteField } = useMapping();
  const [over, setOver] = useState(false);
  const editor = useRef<ExpressionEditorHandle>(null);
  const id = useId();
  const mode = modeOf(pointer, member);
  const value = readFieldValue(member);
  const fault = preview.faults.get(pointer.replace(/^\/mapping/, ''));
  const nests =
    mode === 'plain' &&
    value.kind !== 'path' &&
    (field.kind === 'object' || field.kind === 'list' || field.kind === 'map');
  const take = (expression: string): void => {
    if (mode === 'expression' && editor.current) editor.current.insert(expression);
    else onChange(expression);
  };
  // The mapping may have other members by the time that something is taken.
  const latestTake = useLatest(take);
  const drop = (event: DragEvent): void => {
    setOver(false);
    const expression = event.dataTransfer.getData(dragType);
    // The editor itself puts it where it is dropped.
    if (expression === '' || mode === 'expression') return;
    event.preventDefault();
    event.stopPropagation();
    onChange(expression);
  };
  const switchMode = (): void => {
    if (mode === 'plain') {
      const expression = asExpression(member);
      setMode(pointer, 'expression');
      if (typeof member !== 'string' && expression !== '') onChange(expression);
    } else setMode(pointer, 'plain');
  };
  const staysExpression = mode === 'expression' && value.kind === 'expression';
  const modeWords = mode === 'plain' ? `Write an expression for ${field.label}` : `Plain value for ${field.label}`;
  const control =
    mode === 'expression' ? (
      <ExpressionEditor
        ref={editor}
        label={field.label}
        value={asExpression(member)}
        onChange={(expression) => onChange(expression.trim() === '' ? undefined : expression)}
        fault={fault}
      />
    ) : (
      <PlainControl id={id} field={field} member={member} onChange={onChange} pointer={pointer} />
    );
  // What is wrong now is worth more than what was when the draft was saved.
  const error = fault ? undefined : problems.get(pointer);
  const buttons = (
    <>
      <ValuePicker label={field.label} onPick={take} />
      <Tooltip label={staysExpression ? 'This expression cannot be shown as a plain value' : modeWords}>
        <ActionIcon
          variant={mode === 'expression' ? 'light' : 'default'}
          size={36}
          aria-label={modeWords}
          aria-pressed={mode === 'expression'}
          disabled={staysExpression}
          onClick={switchMode}
        >
          {mode === 'expression' ? (
            <IconAbc size={18} aria-hidden="true" />
          ) : (
            <IconMathFunction size={18} aria-hidden="true" />
          )}
        </ActionIcon>
      </Tooltip>
      {action}
    </>
  );
  return (
    <div
      className={classes['field']}
      data-pointer={pointer}
      data-over={over || undefined}
      onFocus={(event) => {
        event.stopPropagation();
        noteField((expression) => latestTake.current(expression));
      }}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes(dragType)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      {nests ? (
        <div role="group" aria-label={field.label}>
          <Group gap={6} wrap="nowrap" align="flex-start">
            <div style={{ flex: 1, minWidth: 0 }}>
              <Input.Label labelElement="div" required={isNeeded(field)}>
                {field.label}
              </Input.Label>
              {field.help !== undefined && <Input.Description>{field.help}</Input.Description>}
            </div>
            {buttons}
          </Group>
          <div className={classes['nested']}>{control}</div>
          {error !== undefined && <Input.Error>{error}</Input.Error>}
        </div>
      ) : (
        <Input.Wrapper
          // An editor names itself; a label must belong to one control.
          {...(mode === 'expression' ? { labelElement: 'div' as const } : { id })}
          label={field.label}
          description={field.help}
          required={isNeeded(field)}
          error={error}
        >
          <Group gap={6} wrap="nowrap" align="flex-start" mt={4}>
            <div style={{ flex: 1, minWidth: 0 }}>{control}</div>
            {buttons}
          </Group>
        </Input.Wrapper>
      )}
      {member !== undefined && (mode === 'expression' || value.kind === 'path') && (
        <LiveResult pointer={pointer} fault={fault} isExpression={mode === 'expression'} />
      )}
    </div>
  );
}
