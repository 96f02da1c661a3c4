import { Alert, Button, Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** Shown while a person allows the access in the window of another system. */
export function WaitingForWindow({ title, onStop }: { title: string; onStop: () => void }): ReactNode {
  return (
    <Alert color="cyan" role="status">
      <Text size="sm">
        A window of {title} has opened: allow the access there, and this page goes on by itself. Stop waiting if you
        have closed it.
      </Text>
      <Button size="xs" variant="default" mt="xs" onClick={onStop}>
        Stop waiting
      </Button>
    </Alert>
  );
}
