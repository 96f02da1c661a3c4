import { Radio, Stack, Text, Textarea } from '@mantine/core';
import { readTree } from '@millrace/flow-model';
import { useState, type ReactNode } from 'react';
import { monospace } from '../../../forms/monospace.js';
import { Dialog } from '../../../ui/dialog.js';
import { DialogButtons } from '../../../ui/dialog-buttons.js';
import { changeEdge } from '../draft/edits.js';
import { useDraft } from '../draft/use-draft.js';

export interface ConditionDialogProps {
  /** The step that the edge leads to. */
  stepId: string;
  onClose: () => void;
}

type Kind = 'always' | 'condition' | 'default';

/** When the way to a step is taken. */
export function ConditionDialog({ stepId, onClose }: ConditionDialogProps): ReactNode {
  const { draft, edit, problems } = useDraft();
  const edge = readTree(draft).tree.edgeTo(stepId);
  const [kind, setKind] = useState<Kind>(edge?.default ? 'default' : edge?.condition == null ? 'always' : 'condition');
  const [condition, setCondition] = useState(edge?.condition ?? '');
  if (!edge) return null;
  const { from, to } = edge;
  const fault = problems.find((problem) => problem.stepId === stepId && problem.field === '/condition');
  const save = (): void => {
    edit((before) =>
      changeEdge(before, edge, {
        condition: kind === 'condition' ? condition : undefined,
        default: kind === 'default' ? true : undefined,
      }),
    );
    onClose();
  };
  return (
    <Dialog onClose={onClose} title={`When ${to} runs after ${from}`} size="lg">
      <Stack
        component="form"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <Radio.Group label="This way is taken" value={kind} onChange={(value) => setKind(value)}>
          <Stack gap="xs" mt="xs">
            <Radio value="always" label="Always" />
            <Radio value="condition" label="When a condition is true" />
            <Radio value="default" label="Otherwise: when no condition beside it was true" />
          </Stack>
        </Radio.Group>
        {kind === 'condition' && (
          <Textarea
            label="Condition"
            description="An expression that gives true or false, on the output of the step before; $steps has earlier steps."
            placeholder='petstatus = "sold"'
            autosize
            minRows={2}
            maxLength={10_000}
            required
            data-autofocus
            spellCheck={false}
            styles={monospace}
            value={condition}
            error={fault && condition === edge.condition ? fault.message : undefined}
            onChange={(event) => setCondition(event.currentTarget.value)}
          />
        )}
        <Text size="sm" c="dimmed">
          Several ways may be taken at once: each of them runs as a branch of its own.
        </Text>
        <DialogButtons submit="Save" onCancel={onClose} />
      </Stack>
    </Dialog>
  );
}
