import { Button, Group } from '@mantine/core';
import type { ReactNode } from 'react';

export interface StageButtonsProps {
  onContinue?: (() => void) | undefined;
  onBack?: (() => void) | undefined;
  /** Why there is no going on yet. */
  waitsFor?: string | undefined;
  children?: ReactNode;
}

/** What ends a stage. */
export function StageButtons({ onContinue, onBack, waitsFor, children }: StageButtonsProps): ReactNode {
  return (
    <Group gap="sm" mt="md">
      {onContinue && (
        <Button onClick={onContinue} disabled={waitsFor !== undefined} title={waitsFor}>
          Continue
        </Button>
      )}
      {children}
      {onBack && (
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
      )}
    </Group>
  );
}
