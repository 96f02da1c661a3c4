import { Button, Menu, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChevronDown, IconLink, IconTrash, IconUserCheck, IconUserOff, IconUserShield } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { ChangeUser, User } from '../../api/schema.generated.js';
import { askFirst } from '../../ui/ask-first.js';
import { notifyProblem } from '../../ui/notify-problem.js';
import { offerUndo } from '../../ui/offer-undo.js';
import { LinkDialog } from './link-dialog.js';
import { useUserActs } from './use-user-acts.js';
import { shortName } from '../../ui/short-name.js';

export interface UserMenuProps {
  user: User;
  /** Whether it is who looks at the page. */
  isMe: boolean;
  lastAdministrator: boolean;
}

/** What can be done to a user. The last administrator cannot be taken away, and the menu says so. */
export function UserMenu({ user, isMe, lastAdministrator }: UserMenuProps): ReactNode {
  const { change, remove } = useUserActs();
  const [linking, dialog] = useDisclosure(false);
  const other = user.role === 'administrator' ? 'member' : 'administrator';

  const apply = (body: ChangeUser, back: ChangeUser, message: string): void =>
    change.mutate(
      { user, body },
      {
        onSuccess: () =>
          offerUndo({ message, onUndo: () => change.mutate({ user, body: back }, { onError: notifyProblem }) }),
        onError: notifyProblem,
      },
    );
  const changeRole = (): void => {
    const act = () =>
      apply({ role: other }, { role: user.role }, `${shortName(user.name)} is now ${article(other)} ${other}`);
    if (!isMe) act();
    else {
      askFirst({
        title: 'Give up your own administration?',
        body: 'You lose users, API tokens, audit and settings at once. Another administrator has to give them back.',
        confirm: 'Become a member',
        onConfirm: () => change.mutate({ user, body: { role: other } }, { onError: notifyProblem }),
      });
    }
  };
  const disable = (): void =>
    askFirst({
      title: `Disable ${shortName(user.name)}?`,
      body: 'All sessions and API tokens of this user end at once. The user can be enabled again; the API tokens do not come back.',
      confirm: 'Disable',
      onConfirm: () => change.mutate({ user, body: { disabled: true } }, { onError: notifyProblem }),
    });
  const ask = (): void =>
    askFirst({
      title: `Delete ${shortName(user.name)}?`,
      body: 'Sessions and API tokens of this user end. Flows, credentials and the audit stay as they are.',
      confirm: 'Delete',
      onConfirm: () => remove.mutate(user),
    });

  return (
    <>
      <Menu position="bottom-end" width={300} shadow="md">
        <Menu.Target>
          <Button
            size="xs"
            variant="default"
            aria-label={`Change ${user.name}`}
            loading={change.isPending || remove.isPending}
            rightSection={<IconChevronDown size={14} aria-hidden="true" />}
          >
            Change
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {lastAdministrator && (
            <Text size="xs" c="dimmed" px="sm" py="xs" maw={280}>
              The last administrator keeps role and access. Make another user an administrator first, who has chosen a
              password.
            </Text>
          )}
          {isMe && !lastAdministrator && (
            <Text size="xs" c="dimmed" px="sm" py="xs" maw={280}>
              This is you: another administrator has to disable or delete you.
            </Text>
          )}
          <Menu.Item
            leftSection={<IconUserShield size={16} aria-hidden="true" />}
            disabled={lastAdministrator}
            onClick={changeRole}
          >
            Make {article(other)} {other}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconLink size={16} aria-hidden="true" />}
            disabled={user.disabled}
            onClick={dialog.open}
          >
            {user.invited ? 'New invitation link' : 'Link for a new password'}
          </Menu.Item>
          {user.disabled ? (
            <Menu.Item
              leftSection={<IconUserCheck size={16} aria-hidden="true" />}
              onClick={() => change.mutate({ user, body: { disabled: false } }, { onError: notifyProblem })}
            >
              Enable
            </Menu.Item>
          ) : (
            <Menu.Item
              leftSection={<IconUserOff size={16} aria-hidden="true" />}
              disabled={lastAdministrator || isMe}
              onClick={disable}
            >
              Disable
            </Menu.Item>
          )}
          <Menu.Divider />
          <Menu.Item
            color="red"
            leftSection={<IconTrash size={16} aria-hidden="true" />}
            disabled={lastAdministrator || isMe}
            onClick={ask}
          >
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {linking && <LinkDialog user={user} onClose={dialog.close} />}
    </>
  );
}

function article(role: User['role']): string {
  return role === 'administrator' ? 'an' : 'a';
}
