import { Button, Group } from '@mantine/core';
import type { ReactNode } from 'react';

export interface DialogButtonsProps {
  /** What the form of the dialog does: "Create". */
  submit: string;
  isPending?: boolean;
  disabled?: boolean;
  onCancel: () => void;
}

/** The end of a form in a dialog. */
export function DialogButtons({
  submit,
  isPending = false,
  disabled = false,
  onCancel,
}: DialogButtonsProps): ReactNode {
  return (
    <Group justify="flex-end">
      <Button variant="default" onClick={onCancel}>
        Cancel
      </Button>
      <Button type="submit" loading={isPending} disabled={disabled}>
        {submit}
      </Button>
    </Group>
  );
}
