import { Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent, type ReactNode } from 'react';
import { api, unwrap } from '../../api/client.js';
import { keys } from '../../api/keys.js';
import type { CreateApiToken } from '../../api/schema.generated.js';
import type { Role } from '../../api/session.js';
import { Dialog } from '../../ui/dialog.js';
import { DialogButtons } from '../../ui/dialog-buttons.js';
import { fieldFault } from '../../ui/field-fault.js';
import { ProblemAlert } from '../../ui/problem-alert.js';
import { CopyLine, SecretOnce } from '../../ui/secret-once.js';
import { RoleField } from '../shared/role-field.js';
import { expiryChoices, expiryTime } from './expiry.js';

/** Asks for name, role and end of a new token, and shows the token once. */
export function CreateTokenDialog({ onClose }: { onClose: () => void }): ReactNode {
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('member');
  const [choice, setChoice] = useState('90');
  const [day, setDay] = useState('');
  const create = useMutation({
    mutationFn: (body: CreateApiToken) => unwrap(api.POST('/v1/api-tokens', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: [keys.apiTokens] }),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const expiresAt = expiryTime(choice, day, Date.now());
    if (expiresAt !== undefined) create.mutate({ name, role, expiresAt });
  };
  const fault = (pointer: string): string | undefined => fieldFault(create.error, pointer);
  const made = create.data;
  return (
    <Dialog
      onClose={onClose}
      size="lg"
      title={made ? 'The API token is made' : 'Create API token'}
      closeOnClickOutside={false}
    >
      {made ? (
        <Stack>
          <SecretOnce label="Token" value={made.token}>
            Millrace keeps only its hash. Copy it to where the program finds it, such as the secrets of your deployment.
          </SecretOnce>
          <CopyLine label="Try it with curl" value={curlOf(made.token)} />
          <Group justify="flex-end">
            <Button onClick={onClose}>Done</Button>
          </Group>
        </Stack>
      ) : (
        <form onSubmit={submit} aria-label="Create API token">
          <Stack>
            <ProblemAlert error={create.error} shownPointers={['/name', '/expiresAt']} />
            <TextInput
              label="Name"
              description="Say which program uses it"
              placeholder="Deployment"
              required
              maxLength={200}
              data-autofocus
              value={name}
              error={fault('/name')}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <RoleField value={role} onChange={setRole} />
            <Group grow align="flex-start">
              <NativeSelect
                label="Good for"
                data={expiryChoices.map((each) => ({ ...each }))}
                value={choice}
                error={choice === 'date' ? undefined : fault('/expiresAt')}
                onChange={(event) => setChoice(event.currentTarget.value)}
              />
              {choice === 'date' && (
                <TextInput
                  label="Last day"
                  type="date"
                  required
                  value={day}
                  error={fault('/expiresAt')}
                  onChange={(event) => setDay(event.currentTarget.value)}
                />
              )}
            </Group>
            <DialogButtons submit="Create" isPending={create.isPending} onCancel={onClose} />
          </Stack>
        </form>
      )}
    </Dialog>
  );
}

function curlOf(token: string): string {
  return `curl -H 'Authorization: Bearer ${token}' ${globalThis.location.origin}/v1/flows`;
}
