import { CloseButton, Group, Stack, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { JsonView } from '../../../ui/json-view.js';
import { useDraft } from '../draft/use-draft.js';

export interface StepPanelProps {
  stepId: string;
  onClose: () => void;
}

/** One step of the draft. */
export function StepPanel({ stepId, onClose }: StepPanelProps): ReactNode {
  const { draft } = useDraft();
  const step = draft.steps.find(({ id }) => id === stepId);
  return (
    <Stack>
      <Group justify="space-between" wrap="nowrap">
        <Title order={2} size="h4">
          {step?.name ?? stepId}
        </Title>
        <CloseButton aria-label="Close the step" onClick={onClose} />
      </Group>
      <JsonView value={step ?? null} label={`Step ${stepId}`} />
    </Stack>
  );
}
