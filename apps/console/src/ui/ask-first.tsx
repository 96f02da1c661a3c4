import { Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import type { ReactNode } from 'react';
import { openerOf } from './focus-back.js';
import classes from './name-text.module.css';

export interface Question {
  /** "Delete the token “Deployment”?" */
  title: string;
  /** What follows from it. */
  body: ReactNode;
  /** The word on the button that does it. */
  confirm: string;
  onConfirm: () => unknown;
}

/** Asks before something that cannot be taken back. */
export function askFirst({ title, body, confirm, onConfirm }: Question): void {
  // The dialog gives the focus back to what has it now, and an item of a menu is gone by then.
  openerOf(document.activeElement)?.focus({ preventScroll: true });
  modals.openConfirmModal({
    title: <span className={classes['name']}>{title}</span>,
    children: (
      <Text size="sm" component="div">
        {body}
      </Text>
    ),
    labels: { confirm, cancel: 'Cancel' },
    confirmProps: { color: 'red' },
    onConfirm: () => void onConfirm(),
  });
}
