import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';

export interface UndoOffer {
  /** What is done, or will be: "Flow “Pets” is deleted". */
  message: string;
  /** Takes it back; called at most once, and then `onKept` is not. */
  onUndo: () => unknown;
  /** Called once when the offer is over, or the page is left: do for good what was only shown. */
  onKept?: () => unknown;
  forMs?: number;
}

/** Shows for some seconds that something is done and offers to take it back. */
export function offerUndo({ message, onUndo, onKept, forMs = 8_000 }: UndoOffer): void {
  const id = `undo-${crypto.getRandomValues(new Uint32Array(2)).join('-')}`;
  let settled = false;
  const settle = (act: (() => unknown) | undefined): void => {
    if (settled) return;
    settled = true;
    globalThis.removeEventListener('pagehide', keep);
    act?.();
  };
  const keep = (): void => settle(onKept);
  globalThis.addEventListener('pagehide', keep);
  notifications.show({
    id,
    autoClose: forMs,
    onClose: keep,
    message: (
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {message}
        </Text>
        <Button
          size="xs"
          variant="default"
          flex="none"
          onClick={() => {
            settle(onUndo);
            notifications.hide(id);
          }}
        >
          Undo
        </Button>
      </Group>
    ),
  });
}
