import { Button, Collapse, Group, Stack, Switch, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconDatabase } from '@tabler/icons-react';
import type { DraftStep } from '@millrace/flow-model';
import { useMemo, useRef, useState, type ReactNode } from 'react';
import type { OptionSource } from '../../../../forms/form-context.js';
import { fieldsOf } from '../../../../forms/fields.js';
import { isRecord, type JsonSchema } from '../../../../forms/json-schema.js';
import { ProblemAlert } from '../../../../ui/problem-alert.js';
import { useStep } from '../step-context.js';
import { DataPicker } from './data-picker.js';
import { readFieldValue } from './field-value.js';
import { MappingContext, type FieldMode, type MappingContextValue, type TakeExpression } from './mapping-context.js';
import { MappingFields } from './mapping-fields.js';
import { SingleExpression } from './single-expression.js';
import type { LivePreview } from './use-preview.js';

export interface MappingFormProps {
  schema: JsonSchema;
  options: OptionSource;
  problems: ReadonlyMap<string, string>;
  preview: LivePreview;
}

/** Which data goes into which field of the input. */
export function MappingForm({ schema, options, problems, preview }: MappingFormProps): ReactNode {
  const { step, change, sources } = useStep();
  const [allExpressions, setAll] = useState(false);
  const [modes, setModes] = useState<ReadonlyMap<string, FieldMode>>(new Map());
  const [dataOpen, { toggle: toggleData }] = useDisclosure(false);
  const last = useRef<TakeExpression>(undefined);
  const { mapping } = step;
  const set = (next: unknown): void => change({ mapping: next as DraftStep['mapping'] });
  const value = useMemo<MappingContextValue>(
    () => ({
      root: schema,
      problems,
      preview,
      options,
      modeOf: (pointer, member) => {
        if (readFieldValue(member).kind === 'expression') return 'expression';
        return modes.get(pointer) ?? (allExpressions ? 'expression' : 'plain');
      },
      setMode: (pointer, mode) => setModes((before) => new Map(before).set(pointer, mode)),
      noteField: (take) => {
        last.current = take;
      },
    }),
    [schema, problems, preview, options, modes, allExpressions],
  );
  const hasFields = fieldsOf(schema).length > 0;
  if (schema.type === 'object' && !hasFields && schema.additionalProperties === false) {
    return (
      <Text size="sm" c="dimmed">
        It takes no input, so there is nothing to map.
      </Text>
    );
  }
  const noSample = sources.every(({ root, value: sample }) => root.kind !== 'previous' || sample === undefined);
  const whole = typeof mapping === 'string';
  return (
    <MappingContext value={value}>
      <Stack gap="md">
        <Group justify="space-between" gap="xs">
          <Button
            size="xs"
            variant="default"
            leftSection={<IconDatabase size={14} />}
            aria-expanded={dataOpen}
            onClick={toggleData}
          >
            {dataOpen ? 'Hide sample data' : 'Show sample data'}
          </Button>
          {!whole && hasFields && (
            <Switch
              size="xs"
              label="All fields as expressions"
              checked={allExpressions}
              onChange={(event) => {
                setAll(event.currentTarget.checked);
                setModes(new Map());
              }}
            />
          )}
        </Group>
        <Collapse expanded={dataOpen} keepMounted={false}>
          <Text size="xs" c="dimmed" mb={6}>
            Drag a line to a field, or click it: it goes to the field that you were in last.
          </Text>
          <DataPicker height={220} onPick={(expression) => last.current?.(expression)} />
        </Collapse>
        {noSample && (
          <Text size="sm" c="dimmed">
            The step before has no sample, so there is nothing to choose from yet. Give it one there, or write
            expressions.
          </Text>
        )}
        <ProblemAlert error={preview.failure} />
        {whole ? (
          <Whole value={mapping} onChange={set} hasFields={hasFields} error={problems.get('/mapping')} />
        ) : hasFields || isRecord(mapping) ? (
          <MappingFields
            schema={hasFields ? schema : {}}
            value={isRecord(mapping) ? mapping : {}}
            onChange={set}
            pointer="/mapping"
            free={!hasFields}
          />
        ) : (
          <Stack gap="xs" data-pointer="/mapping">
            <Text size="sm" c="dimmed">
              It takes any value. Without a mapping it gets the whole output of the step before.
            </Text>
            <Group gap="xs">
              <Button size="xs" variant="default" onClick={() => set('$')}>
                Write an expression
              </Button>
              <Button size="xs" variant="default" onClick={() => set({})}>
                Map field by field
              </Button>
            </Group>
          </Stack>
        )}
      </Stack>
    </MappingContext>
  );
}

interface WholeProps {
  value: string;
  onChange: (mapping: unknown) => void;
  hasFields: boolean;
  error: string | undefined;
}

function Whole({ value, onChange, hasFields, error }: WholeProps): ReactNode {
  return (
    <Stack gap="xs">
      <SingleExpression
        label="Input"
        help="One expression gives the whole input"
        value={value}
        onChange={(next) => onChange(next.trim() === '' ? (hasFields ? {} : undefined) : next)}
        pointer="/mapping"
        error={error}
      />
      <Button size="xs" variant="default" style={{ alignSelf: 'flex-start' }} onClick={() => onChange({})}>
        Map field by field instead
      </Button>
    </Stack>
  );
}
