import { Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { OneTimeLink, User } from '../../api/schema.generated.js';
import { Dialog } from '../../ui/dialog.js';
import { ProblemAlert } from '../../ui/problem-alert.js';
import { SecretOnce } from '../../ui/secret-once.js';
import { When } from '../../ui/when.js';
import { useUserActs } from './use-user-acts.js';

/** Makes a link by which a user chooses a password, and shows it once. */
export function LinkDialog({ user, onClose }: { user: User; onClose: () => void }): ReactNode {
  const { link } = useUserActs();
  return (
    <Dialog onClose={onClose} size="lg" title={user.invited ? 'New invitation link' : 'Link for a new password'}>
      {link.data ? (
        <ShownLink link={link.data} onClose={onClose} />
      ) : (
        <Stack>
          <ProblemAlert error={link.error} />
          <Text size="sm">
            {user.invited
              ? 'The link that was made before ends; the new one is good for seven days.'
              : 'The link is good for a day and for one use. The present password stays good until then; after it all sessions of the user end.'}
          </Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button data-autofocus loading={link.isPending} onClick={() => link.mutate(user)}>
              Make the link
            </Button>
          </Group>
        </Stack>
      )}
    </Dialog>
  );
}

/** A link that was just made, to be passed on. */
export function ShownLink({ link, onClose }: { link: OneTimeLink; onClose: () => void }): ReactNode {
  return (
    <Stack>
      <SecretOnce label="One-time link" value={link.url}>
        No mail is sent: pass the link on to the user and to nobody else. Whoever opens it chooses the password.
      </SecretOnce>
      <Text size="sm" c="dimmed">
        It is good once, and ends <When time={link.expiresAt} />.
      </Text>
      <Group justify="flex-end">
        <Button onClick={onClose}>Done</Button>
      </Group>
    </Stack>
  );
}
