import { Button, Group } from '@mantine/core';
import type { ReactNode } from 'react';

export interface StageButtonsProps {
  onContinue?: (() => void) | undefined;
  onBack?: (() => void) | undefined;
  children?: ReactNode;
}

/** What ends a stage. */
export function StageButtons({ onContinue, onBack, children }: StageButtonsProps): ReactNode {
  return (
    <Group gap="sm" mt="md">
      {onContinue && <Button onClick={onContinue}>Continue</Button>}
      {children}
      {onBack && (
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
      )}
    </Group>
  );
}
