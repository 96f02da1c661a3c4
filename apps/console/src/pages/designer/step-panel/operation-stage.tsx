import { Alert, Group, Stack, Text, UnstyledButton } from '@mantine/core';
import { IconCircleCheckFilled } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Operation } from '../../../api/schema.generated.js';
import { StageButtons } from './stage-buttons.js';
import { useStep } from './step-context.js';
import { operationsFor } from './stages.js';
import classes from './step-panel.module.css';

export interface WalkProps {
  onDone: () => void;
  onBack: () => void;
}

/** Choosing what the component shall do. Fields that the new operation has, too, keep their mapping. */
export function OperationStage({ onDone, onBack }: WalkProps): ReactNode {
  const { step, isTrigger, component, operation: chosen, shown, change } = useStep();
  if (!component) return null;
  const choose = (operation: Operation): void => {
    if (operation.name !== step.operation) {
      change(({ config: _config, schedule: _schedule, ...rest }) => ({ ...rest, operation: operation.name }));
    }
    onDone();
  };
  return (
    <Stack gap="sm" data-pointer="/operation">
      {shown.has('/operation') && step.operation && <Alert color="red">{shown.get('/operation')}</Alert>}
      <Text size="sm" c="dimmed">
        {isTrigger ? `What of ${component.title} sets the flow off?` : `What shall ${component.title} do here?`}
      </Text>
      {operationsFor(component, isTrigger).map((operation) => (
        <UnstyledButton
          key={operation.name}
          className={classes['card'] ?? ''}
          aria-pressed={operation.name === chosen?.name}
          {...(operation.name === chosen?.name && { 'data-chosen': true })}
          onClick={() => choose(operation)}
        >
          <Group justify="space-between" wrap="nowrap" align="flex-start">
            <Text fw={600}>{operation.title}</Text>
            {operation.name === chosen?.name && <IconCircleCheckFilled size={18} aria-hidden="true" />}
          </Group>
          <Text size="sm" c="dimmed">
            {operation.description}
          </Text>
        </UnstyledButton>
      ))}
      <StageButtons onContinue={chosen && onDone} onBack={onBack} />
    </Stack>
  );
}
