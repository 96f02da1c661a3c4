import { Modal, type ModalProps } from '@mantine/core';
import type { ReactNode } from 'react';
import { useFocusBack } from './focus-back.js';

/** A dialog that is open for as long as it is mounted. When it goes, the focus is where it was before. */
export function Dialog(props: Omit<ModalProps, 'opened'>): ReactNode {
  useFocusBack();
  return <Modal closeButtonProps={{ 'aria-label': 'Close' }} {...props} opened />;
}
