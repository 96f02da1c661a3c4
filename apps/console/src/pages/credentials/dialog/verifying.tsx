import { Button, Group, Progress, Stack, Text } from '@mantine/core';
import { useEffect, useState, type ReactNode } from 'react';
import { longestVerificationMs } from './use-save-credential.js';

/** Shown while a component checks a credential. */
export function Verifying({ title, onCancel }: { title: string; onCancel: () => void }): ReactNode {
  const [elapsedMs, setElapsedMs] = useState(0);
  useEffect(() => {
    const began = Date.now();
    const timer = setInterval(() => setElapsedMs(Date.now() - began), 500);
    return () => clearInterval(timer);
  }, []);
  return (
    <Stack gap={6}>
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm" role="status">
          {title} checks the credential …
        </Text>
        <Button size="xs" variant="default" onClick={onCancel}>
          Cancel
        </Button>
      </Group>
      <Progress
        value={Math.min(100, (elapsedMs / longestVerificationMs) * 100)}
        animated
        aria-label="Time that the check may take"
      />
      <Text size="xs" c="dimmed">
        {Math.round(elapsedMs / 1_000)} s of {longestVerificationMs / 1_000} s at most
      </Text>
    </Stack>
  );
}
