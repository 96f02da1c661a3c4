import { Button, Group, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import type { Credential } from '../../api/schema.generated.js';
import { Dialog } from '../../ui/dialog.js';
import { NameText } from '../../ui/name-text.js';
import { ProblemAlert } from '../../ui/problem-alert.js';
import { UsedBy } from './used-by.js';
import { useDeleteCredential } from './use-credentials.js';
import { shortName } from '../../ui/short-name.js';

/** Asks before a credential goes, and says which flows are in the way or lose it. */
export function DeleteCredential({ credential, onClose }: { credential: Credential; onClose: () => void }): ReactNode {
  const remove = useDeleteCredential();
  const { name, usedBy } = credential;
  const inTheWay = usedBy.filter(({ status }) => status === 'running' || status === 'paused');
  const submit = (): void =>
    remove.mutate(credential, {
      onSuccess: () => {
        notifications.show({ message: `Credential ${shortName(name)} is deleted.` });
        onClose();
      },
    });
  return (
    <Dialog onClose={onClose} title={<NameText>{`Delete ${shortName(name)}?`}</NameText>}>
      <Stack>
        <ProblemAlert error={remove.error} />
        {usedBy.length === 0 ? (
          <Text size="sm">No flow uses it. Its fields cannot be brought back.</Text>
        ) : (
          <>
            <Text size="sm">
              {inTheWay.length > 0
                ? 'Flows that are running or paused use it: stop them, or publish them with another credential, if their published version holds it.'
                : 'These flows use it and cannot be started until their steps have another one. Its fields cannot be brought back.'}
            </Text>
            <UsedBy flows={usedBy} all />
          </>
        )}
        <Group justify="flex-end">
          <Button variant="default" data-autofocus onClick={onClose}>
            Cancel
          </Button>
          <Button color="red" loading={remove.isPending} onClick={submit}>
            Delete
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
