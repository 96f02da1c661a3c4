import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';

export interface UndoOffer {
  /** What is done, or will be: "Flow “Pets” is deleted". */
  message: string;
  /** Takes it back; called at most once. */
  onUndo: () => unknown;
}

const offeredForMs = 8_000;

/** Shows for some seconds that something is done and offers to take it back. */
export function offerUndo({ message, onUndo }: UndoOffer): void {
  const id = `undo-${crypto.getRandomValues(new Uint32Array(2)).join('-')}`;
  let undone = false;
  notifications.show({
    id,
    autoClose: offeredForMs,
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
            if (undone) return;
            undone = true;
            onUndo();
            notifications.hide(id);
          }}
        >
          Undo
        </Button>
      </Group>
    ),
  });
}
