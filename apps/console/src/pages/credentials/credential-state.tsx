import { Group, Loader, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Credential } from '../../api/schema.generated.js';
import { NameText } from '../../ui/name-text.js';
import { StatusBadge } from '../../ui/status-badge.js';
import { When } from '../../ui/when.js';

/** Whether a credential was taken when it was last checked, and else why not. */
export function CredentialState({ credential, verifying }: { credential: Credential; verifying: boolean }): ReactNode {
  const { status, failure, verifiedAt } = credential;
  if (verifying) {
    return (
      <Group gap="xs" wrap="nowrap" role="status">
        <Loader size="xs" />
        <Text size="sm">Verifying, up to 30 s …</Text>
      </Group>
    );
  }
  return (
    <Stack gap={4} align="flex-start">
      <StatusBadge status={status} />
      {status === 'failing' && failure !== null && (
        <Text size="sm" component="div">
          <NameText lines={4}>{failure}</NameText>
        </Text>
      )}
      {status === 'unverified' && (
        <Text size="xs" c="dimmed">
          Its component cannot check it.
        </Text>
      )}
      {verifiedAt !== null && (
        <Text size="xs" c="dimmed">
          {status === 'verified' ? 'checked ' : 'last good '}
          <When time={verifiedAt} />
        </Text>
      )}
    </Stack>
  );
}
