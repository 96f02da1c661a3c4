import { Button, Menu, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { IconChevronDown, IconPencil, IconShieldCheck, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { asApiProblem } from '../../api/api-problem.js';
import type { Component, Credential } from '../../api/schema.generated.js';
import { notifyProblem } from '../../ui/notify-problem.js';
import { DeleteCredential } from './delete-credential.js';
import { CredentialDialog } from './dialog/credential-dialog.js';
import { useVerifyCredential } from './use-credentials.js';
import { shortName } from '../../ui/short-name.js';

export interface CredentialMenuProps {
  credential: Credential;
  /** Undefined while the catalogue is not there, and for a component that has gone from it. */
  component: Component | undefined;
  onVerifying: (is: boolean) => void;
}

/** What can be done to a credential. */
export function CredentialMenu({ credential, component, onVerifying }: CredentialMenuProps): ReactNode {
  const verify = useVerifyCredential();
  const [changing, change] = useDisclosure(false);
  const [deleting, deletion] = useDisclosure(false);
  const verifies = component?.credentials?.verifies ?? false;
  const startVerifying = async (): Promise<void> => {
    onVerifying(true);
    try {
      await verify.mutateAsync(credential);
      notifications.show({ color: 'green', message: `${shortName(credential.name)} is good.` });
    } catch (error) {
      // A refusal stands in the list, with its reason.
      if (asApiProblem(error).code !== 'credential_refused') notifyProblem(error);
    } finally {
      onVerifying(false);
    }
  };
  return (
    <>
      <Menu position="bottom-end" width={280} shadow="md">
        <Menu.Target>
          <Button
            size="xs"
            variant="default"
            aria-label={`Change ${credential.name}`}
            rightSection={<IconChevronDown size={14} aria-hidden="true" />}
          >
            Change
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {!component && (
            <Text size="xs" c="dimmed" px="sm" py="xs">
              The component “{credential.component}” is not in the catalogue: only its credentials can be deleted.
            </Text>
          )}
          <Menu.Item
            leftSection={<IconShieldCheck size={16} aria-hidden="true" />}
            disabled={!verifies || verify.isPending}
            onClick={() => void startVerifying()}
          >
            Verify again
          </Menu.Item>
          <Menu.Item
            leftSection={<IconPencil size={16} aria-hidden="true" />}
            disabled={!component}
            onClick={change.open}
          >
            Rename or replace its fields
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item color="red" leftSection={<IconTrash size={16} aria-hidden="true" />} onClick={deletion.open}>
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {component && changing && (
        <CredentialDialog onClose={change.close} component={component} credential={credential} />
      )}
      {deleting && <DeleteCredential credential={credential} onClose={deletion.close} />}
    </>
  );
}
