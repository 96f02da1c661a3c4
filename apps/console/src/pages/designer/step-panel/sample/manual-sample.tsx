import { Button, Group, SegmentedControl, Stack, Text, Textarea } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { asApiProblem } from '../../../../api/api-problem.js';
import type { SampleFormat } from '../../../../api/schema.generated.js';
import { ProblemAlert } from '../../../../ui/problem-alert.js';
import { useStep } from '../step-context.js';
import { useTakeSample } from './use-take-sample.js';
import { monospace } from '../../../../forms/monospace.js';

export interface ManualSampleProps {
  /** The sample that is replaced. */
  present: unknown;
  onDone: () => void;
  onCancel: () => void;
}

const formats: Readonly<Record<SampleFormat, { label: string; help: string; placeholder: string }>> = {
  json: { label: 'JSON', help: 'A JSON value', placeholder: '{\n  "petname": "Gromit",\n  "petstatus": "Sold"\n}' },
  xml: { label: 'XML', help: 'An XML document', placeholder: '<pet>\n  <name>Gromit</name>\n</pet>' },
  properties: {
    label: 'List of properties',
    help: 'Names separated by commas; dots lead into objects',
    placeholder: 'petname, petstatus, owner.name',
  },
};

/** Typing a sample. The control plane checks the format and says where it is broken. */
export function ManualSample({ present, onDone, onCancel }: ManualSampleProps): ReactNode {
  const { step } = useStep();
  const [format, setFormat] = useState<SampleFormat>('json');
  const [texts, setTexts] = useState<Partial<Record<SampleFormat, string>>>(
    present === undefined ? {} : { json: JSON.stringify(present, null, 2) },
  );
  const taking = useTakeSample(step.id);
  const text = texts[format] ?? '';
  const { label, help, placeholder } = formats[format];
  const problem = taking.error === null ? undefined : asApiProblem(taking.error);
  const isInvalid = problem?.code === 'sample_invalid';
  return (
    <form
      aria-label="Sample"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== '') taking.mutate({ mode: 'manual', format, text }, { onSuccess: onDone });
      }}
    >
      <Stack gap="sm">
        <div>
          <Text size="sm" fw={600} id="sample-format" mb={4}>
            Format
          </Text>
          <SegmentedControl
            aria-labelledby="sample-format"
            fullWidth
            value={format}
            onChange={(value) => {
              setFormat(value);
              taking.reset();
            }}
            data={Object.entries(formats).map(([value, words]) => ({
              value: value as SampleFormat,
              label: words.label,
            }))}
          />
        </div>
        <Textarea
          label={`Sample as ${label}`}
          description={help}
          placeholder={placeholder}
          styles={monospace}
          autosize
          minRows={6}
          maxRows={20}
          spellCheck={false}
          autoFocus
          value={text}
          error={isInvalid ? problem.detail : undefined}
          onChange={(event) => setTexts({ ...texts, [format]: event.currentTarget.value })}
        />
        {!isInvalid && <ProblemAlert error={taking.error} />}
        <Group gap="sm">
          <Button type="submit" loading={taking.isPending} disabled={text.trim() === ''}>
            Save
          </Button>
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
