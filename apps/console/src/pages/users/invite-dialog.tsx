import { Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent, type ReactNode } from 'react';
import { api, unwrap } from '../../api/client.js';
import { keys } from '../../api/keys.js';
import type { CreateUser } from '../../api/schema.generated.js';
import type { Role } from '../../api/session.js';
import { Dialog } from '../../ui/dialog.js';
import { DialogButtons } from '../../ui/dialog-buttons.js';
import { fieldFault } from '../../ui/field-fault.js';
import { ProblemAlert } from '../../ui/problem-alert.js';
import { RoleField } from '../shared/role-field.js';
import { ShownLink } from './link-dialog.js';

/** Asks whom to add, and shows the one-time link by which that user chooses a password. */
export function InviteDialog({ onClose }: { onClose: () => void }): ReactNode {
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('member');
  const invite = useMutation({
    mutationFn: (body: CreateUser) => unwrap(api.POST('/v1/users', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: [keys.users] }),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    invite.mutate({ email, name, role });
  };
  return (
    <Dialog
      onClose={onClose}
      size="lg"
      title={invite.data ? `Invitation of ${invite.data.email}` : 'Invite user'}
      closeOnClickOutside={false}
    >
      {invite.data ? (
        <ShownLink link={invite.data.link} onClose={onClose} />
      ) : (
        <form onSubmit={submit} aria-label="Invite user">
          <Stack>
            <ProblemAlert error={invite.error} shownPointers={['/name', '/email']} />
            <TextInput
              label="Name"
              placeholder="Grace Hopper"
              required
              maxLength={200}
              data-autofocus
              value={name}
              error={fieldFault(invite.error, '/name')}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <TextInput
              label="E-mail address"
              description="What the user signs in with"
              placeholder="grace@example.com"
              type="email"
              required
              maxLength={320}
              value={email}
              error={fieldFault(invite.error, '/email')}
              onChange={(event) => setEmail(event.currentTarget.value)}
            />
            <RoleField value={role} onChange={setRole} />
            <DialogButtons submit="Invite" isPending={invite.isPending} onCancel={onClose} />
          </Stack>
        </form>
      )}
    </Dialog>
  );
}
